#include <iterator>
#include <nlohmann/json.hpp>

#include "tree_builder.hpp"

namespace bw::config {
namespace {

using Json = nlohmann::json;

/// Where the lexer is: the line of the last character that is no white space, because the lexer
/// reads one ahead.
struct Place {
  int line_now = 1;
  int line = 1;
};

/// Input iterator that keeps count of lines.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, Place* place) : at_(at), place_(place) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    if (*at_ == '\n') {
      ++place_->line_now;
    } else if (*at_ != ' ' && *at_ != '\t' && *at_ != '\r') {
      place_->line = place_->line_now;
    }
    ++at_;
    return *this;
  }
  Cursor operator++(int) {
    Cursor before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }
  bool operator!=(const Cursor& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  Place* place_;
};

/// Turns nlohmann's events into nodes. Returning false ends the parse.
class Events : public nlohmann::json_sax<Json> {
 public:
  Events(TreeBuilder& tree, const Place& place) : tree_(tree), place_(place) {}
  bool null() override { return tree_.scalar(NodeKind::null, "null", place_.line); }
  bool boolean(bool v) override {
    return tree_.scalar(NodeKind::boolean, v ? "true" : "false", place_.line);
  }
  bool number_integer(std::int64_t v) override {
    return tree_.scalar(NodeKind::integer, std::to_string(v), place_.line);
  }
  bool number_unsigned(std::uint64_t v) override {
    return tree_.scalar(NodeKind::integer, std::to_string(v), place_.line);
  }
  bool number_float(double, const std::string& text) override {
    return tree_.scalar(NodeKind::real, text, place_.line);
  }
  bool string(std::string& v) override { return tree_.scalar(NodeKind::text, v, place_.line); }
  bool binary(Json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return tree_.begin(NodeKind::map, place_.line); }
  bool end_object() override { return tree_.end(); }
  bool start_array(std::size_t) override { return tree_.begin(NodeKind::list, place_.line); }
  bool end_array() override { return tree_.end(); }
  bool key(std::string& v) override { return tree_.key(v, place_.line); }
  bool parse_error(std::size_t, const std::string& token, const Json::exception& error) override {
    std::string what =
        error.what();  // "[json.exception…] parse error at line 3, column 7: syntax error …"
    if (const auto colon = what.find(": "); colon != std::string::npos) what.erase(0, colon + 2);
    // The lexer stops at the first letter of NaN, Infinity and -Infinity.
    const bool not_finite = !token.empty() && (token.back() == 'N' || token.back() == 'I');
    return tree_.fail(ErrorCode::invalid_argument, place_.line, "is not JSON: " + what,
                      not_finite
                          ? "JSON has no NaN and no infinity: write a finite number"
                          : "check commas, quotes and brackets there and on the line before");
  }

 private:
  TreeBuilder& tree_;
  const Place& place_;
};

}  // namespace

Result<Node> read_json(std::string_view text, const std::string& name, Limits limits) {
  TreeBuilder tree(name, limits);
  Place place;
  Events events(tree, place);
  try {
    const bool ok = Json::sax_parse(Cursor(text.data(), &place),
                                    Cursor(text.data() + text.size(), &place), &events);
    if (!ok && !tree.failed()) {
      tree.fail(ErrorCode::invalid_argument, place.line, "is not JSON", "check the syntax");
    }
  } catch (const std::exception& e) {
    tree.fail(ErrorCode::invalid_argument, place.line, std::string("is not JSON: ") + e.what(),
              "check the syntax");
  }
  return tree.take();
}

}  // namespace bw::config
