#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "tree_builder.hpp"

namespace bw::config {
namespace {

/// Ends the parse from within an event; never leaves this file.
struct Stop {};

bool digits(std::string_view s) noexcept {
  return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Plain scalars by the core schema of YAML 1.2.2 (section 10.3.2), without octal and hexadecimal
/// numbers.
NodeKind kind_of_plain(std::string_view s) noexcept {
  if (s.empty() || s == "~" || s == "null" || s == "Null" || s == "NULL") return NodeKind::null;
  if (s == "true" || s == "false") return NodeKind::boolean;
  if (s == ".nan" || s == ".NaN" || s == ".NAN") return NodeKind::real;
  std::string_view number = s;
  if (number[0] == '-' || number[0] == '+') number.remove_prefix(1);
  if (number == ".inf" || number == ".Inf" || number == ".INF") return NodeKind::real;
  if (digits(number)) return NodeKind::integer;
  const std::size_t e = number.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view exponent = number.substr(e + 1);
    if (!exponent.empty() && (exponent[0] == '-' || exponent[0] == '+')) exponent.remove_prefix(1);
    if (!digits(exponent)) return NodeKind::text;
    number = number.substr(0, e);
  }
  const std::size_t dot = number.find('.');
  if (dot == std::string_view::npos) return digits(number) ? NodeKind::real : NodeKind::text;
  const std::string_view whole = number.substr(0, dot);
  const std::string_view part = number.substr(dot + 1);
  const bool fits =
      (digits(whole) && (part.empty() || digits(part))) || (whole.empty() && digits(part));
  return fits ? NodeKind::real : NodeKind::text;
}

class Events : public YAML::EventHandler {
 public:
  explicit Events(TreeBuilder& tree) : tree_(tree) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (tree_.has_root())
      refuse(mark, "has a second document (after ---)", "write one document a file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    plain(mark, anchor, NodeKind::null, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "has an alias (*)", "write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check(mark, tag, anchor);
    // yaml-cpp gives "!" for a quoted or block scalar and "?" for a plain one.
    plain(mark, 0, tag == "!" ? NodeKind::text : kind_of_plain(value), value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, NodeKind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, NodeKind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  static int line_of(const YAML::Mark& mark) { return mark.line + 1; }
  static void must(bool ok) {
    if (!ok) throw Stop{};
  }
  void refuse(const YAML::Mark& mark, const char* what, const char* mend) {
    must(tree_.fail(ErrorCode::invalid_argument, line_of(mark), what, mend));
  }
  void check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) refuse(mark, "has an anchor (&)", "write the value out where it is needed");
    if (!tag.empty() && tag != "!" && tag != "?") refuse(mark, "has a tag (!)", "remove the tag");
  }
  /// In a map, keys and values take turns; `expect_key_` has one entry for each open level.
  bool takes_key() const { return tree_.in_map() && expect_key_.back(); }
  void flip() {
    if (tree_.in_map()) expect_key_.back() = !expect_key_.back();
  }
  void plain(const YAML::Mark& mark, YAML::anchor_t anchor, NodeKind kind,
             const std::string& value) {
    if (anchor != 0) refuse(mark, "has an anchor (&)", "write the value out where it is needed");
    if (takes_key()) {
      if (value.empty()) refuse(mark, "has an empty key", "name the key");
      must(tree_.key(value, line_of(mark)));
    } else {
      must(tree_.scalar(kind, value, line_of(mark)));
    }
    flip();
  }
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, NodeKind kind) {
    check(mark, tag, anchor);
    if (takes_key()) refuse(mark, "has a list or a table as a key", "write the key as a word");
    must(tree_.begin(kind, line_of(mark)));
    expect_key_.push_back(true);
  }
  void close() {
    must(tree_.end());
    expect_key_.pop_back();
    flip();
  }

  TreeBuilder& tree_;
  std::vector<bool> expect_key_;
};

}  // namespace

Result<Node> read_yaml(std::string_view text, const std::string& name, Limits limits) {
  TreeBuilder tree(name, limits);
  Events events(tree);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(events)) {
    }
  } catch (const Stop&) {
  } catch (const YAML::Exception& e) {
    tree.fail(ErrorCode::invalid_argument, e.mark.is_null() ? 1 : e.mark.line + 1,
              "is not YAML: " + e.msg, "check indentation, colons, quotes and brackets");
  } catch (const std::exception& e) {
    tree.fail(ErrorCode::invalid_argument, 1, std::string("is not YAML: ") + e.what(),
              "check the syntax");
  }
  return tree.take();
}

}  // namespace bw::config
