#include "bellwether/config/document.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "tree_builder.hpp"

namespace bw::config {
namespace {

/// Offset of the first byte that is not part of valid UTF-8 (RFC 3629) or is a control character
/// other than tab, line feed and carriage return; text.size() where all is well.
std::size_t first_bad_byte(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) return i;
      ++i;
      continue;
    }
    const std::size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || i + n > text.size()) return i;
    std::uint32_t code = c & (0xFFU >> (n + 1));
    for (std::size_t k = 1; k < n; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return i;
      code = (code << 6) | (next & 0x3FU);
    }
    constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return i;
    i += n;
  }
  return i;
}

tl::unexpected<Error> too_large(const std::string& name, const Limits& limits) {
  return fail(ErrorCode::resource_exhausted,
              "is larger than " + std::to_string(limits.max_bytes) + " bytes", name,
              "split the document, or check that this is the right file");
}

bool ends_with_json(std::string_view name) noexcept {
  return name.size() >= 5 && name.substr(name.size() - 5) == ".json";
}

}  // namespace

std::string_view describe(NodeKind kind) noexcept {
  switch (kind) {
    case NodeKind::null: return "nothing";
    case NodeKind::boolean: return "true or false";
    case NodeKind::integer: return "a whole number";
    case NodeKind::real: return "a number";
    case NodeKind::text: return "a text";
    case NodeKind::list: return "a list";
    case NodeKind::map: return "a table";
  }
  return "unknown";
}

const Node* Node::find(std::string_view key) const noexcept {
  const auto it = std::find(keys.begin(), keys.end(), key);
  return it == keys.end() ? nullptr : &items[static_cast<std::size_t>(it - keys.begin())];
}

std::string Node::where() const {
  const std::string name = origin ? *origin : std::string();
  return line > 0 ? name + ":" + std::to_string(line) : name;
}

Result<Document> Document::parse(std::string_view text, const std::string& name, Limits limits) {
  if (text.size() > limits.max_bytes) return too_large(name, limits);
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    return fail(ErrorCode::invalid_argument, "begins with a byte order mark", name + ":1",
                "save it as UTF-8 without BOM");
  }
  const std::size_t bad = first_bad_byte(text);
  if (bad < text.size()) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bad), '\n');
    return fail(ErrorCode::invalid_argument, "has a byte that is not UTF-8 text",
                name + ":" + std::to_string(line), "save it as UTF-8");
  }
  auto root = ends_with_json(name) ? read_json(text, name, limits) : read_yaml(text, name, limits);
  if (!root) return tl::unexpected(root.error());
  Document document;
  document.name_ = name;
  document.sha256_ = sha256_hex(text);
  document.root_ = std::move(*root);
  return document;
}

Result<Document> Document::load(const std::filesystem::path& path, Limits limits) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status)) {
    return fail(ErrorCode::not_found, "there is no such file", path.string(), "check the path");
  }
  if (std::filesystem::is_directory(status)) {
    return fail(ErrorCode::invalid_argument, "is a folder", path.string(), "name a file in it");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return fail(ErrorCode::unavailable, std::string("cannot be opened: ") + std::strerror(errno),
                path.string(), "check its permissions");
  }
  std::string text(limits.max_bytes + 1, '\0');  // one more than allowed shows what is too large
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) {
    return fail(ErrorCode::unavailable, "cannot be read", path.string(), "check the disk");
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse(text, path.string(), limits);
}

// TreeBuilder

TreeBuilder::TreeBuilder(const std::string& name, Limits limits)
    : origin_(std::make_shared<const std::string>(name)), limits_(limits) {}

bool TreeBuilder::fail(ErrorCode code, int line, std::string message, std::string mend) {
  if (!error_) {
    error_ =
        Error{code, std::move(message), *origin_ + ":" + std::to_string(line), std::move(mend)};
  }
  return false;
}

bool TreeBuilder::add(Node node) {
  if (open_.empty()) {
    root_ = std::move(node);
    has_root_ = true;
  } else {
    open_.back().node.items.push_back(std::move(node));
  }
  return true;
}

bool TreeBuilder::begin(NodeKind kind, int line) {
  if (open_.size() >= static_cast<std::size_t>(limits_.max_depth)) {
    return fail(ErrorCode::resource_exhausted, line,
                "is nested deeper than " + std::to_string(limits_.max_depth) + " levels",
                "flatten the document");
  }
  if (++nodes_ > limits_.max_nodes) {
    return fail(ErrorCode::resource_exhausted, line,
                "has more than " + std::to_string(limits_.max_nodes) + " values",
                "split the document");
  }
  Level level;
  level.map = kind == NodeKind::map;
  level.node.kind = kind;
  level.node.line = line;
  level.node.origin = origin_;
  open_.push_back(std::move(level));
  return true;
}

bool TreeBuilder::end() {
  Node node = std::move(open_.back().node);
  open_.pop_back();
  return add(std::move(node));
}

bool TreeBuilder::key(std::string text, int line) {
  Level& level = open_.back();
  const auto [first, is_new] = level.seen.emplace(text, line);
  if (!is_new) {
    return fail(
        ErrorCode::invalid_argument, line,
        "has the key '" + text + "' twice; the first is on line " + std::to_string(first->second),
        "remove one of them");
  }
  level.node.keys.push_back(std::move(text));
  level.node.key_lines.push_back(line);
  return true;
}

bool TreeBuilder::scalar(NodeKind kind, std::string text, int line) {
  if (++nodes_ > limits_.max_nodes) {
    return fail(ErrorCode::resource_exhausted, line,
                "has more than " + std::to_string(limits_.max_nodes) + " values",
                "split the document");
  }
  Node node;
  node.kind = kind;
  node.line = line;
  node.origin = origin_;
  if (kind != NodeKind::null) node.text = std::move(text);
  return add(std::move(node));
}

Result<Node> TreeBuilder::take() {
  if (error_) return tl::unexpected(*error_);
  if (!has_root_) {
    return bw::fail(ErrorCode::invalid_argument, "is empty", *origin_, "write the document");
  }
  return std::move(root_);
}

}  // namespace bw::config
