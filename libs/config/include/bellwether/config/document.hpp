#pragma once
// Document: a YAML or JSON text as a tree that remembers where each value stands. YAML is read
// without its surprises: no anchors, aliases, tags or second documents, and only true and false are
// booleans. Duplicate keys, broken UTF-8 and anything beyond the limits are errors that name file
// and line.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bellwether/base/result.hpp"

namespace bw::config {

struct Limits {
  std::size_t max_bytes = 1U << 20;
  int max_depth = 32;
  std::size_t max_nodes = 200'000;
};

enum class NodeKind : std::uint8_t { null, boolean, integer, real, text, list, map };

/// "nothing", "true or false", "a whole number", "a number", "a text", "a list", "a table".
[[nodiscard]] std::string_view describe(NodeKind kind) noexcept;

struct Node {
  NodeKind kind = NodeKind::null;
  /// An override from the environment or a flag: its author cannot quote, so a text may look like a
  /// number.
  bool unquoted_override = false;
  int line = 0;                               ///< 1-based; 0 where there are no lines
  std::shared_ptr<const std::string> origin;  ///< file name, or "flag --set", …
  std::string text;                           ///< of a scalar, as written (without quotes)
  std::vector<Node> items;                    ///< of a list or, beside `keys`, of a map
  std::vector<std::string> keys;              ///< of a map, in the document's order
  std::vector<int> key_lines;

  [[nodiscard]] const Node* find(std::string_view key) const noexcept;
  /// "file:line", or the origin alone.
  [[nodiscard]] std::string where() const;
};

class Document {
 public:
  /// Reads a file; JSON where its name ends in .json, YAML otherwise. not_found, unavailable
  /// (cannot be read), resource_exhausted (beyond the limits) or invalid_argument.
  [[nodiscard]] static Result<Document> load(const std::filesystem::path& path, Limits limits = {});
  /// The same for a text; `name` stands in error messages, and its ending chooses the format.
  [[nodiscard]] static Result<Document> parse(std::string_view text, const std::string& name,
                                              Limits limits = {});

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Of the bytes, 64 hexadecimal digits: the document's version.
  [[nodiscard]] const std::string& sha256() const noexcept { return sha256_; }
  [[nodiscard]] const Node& root() const noexcept { return root_; }
  [[nodiscard]] Node& root() noexcept { return root_; }

 private:
  std::string name_;
  std::string sha256_;
  Node root_;
};

/// 64 hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);
/// The first 8 bytes of a sha256 in hexadecimal, as a number (big endian); 0 where it is no such
/// text.
[[nodiscard]] std::uint64_t sha256_prefix(std::string_view hex) noexcept;

}  // namespace bw::config
