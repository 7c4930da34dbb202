#pragma once
// TreeBuilder: what the YAML and JSON readers have in common: nodes from events, within the limits.
#include <map>
#include <optional>

#include "bellwether/config/document.hpp"

namespace bw::config {

class TreeBuilder {
 public:
  TreeBuilder(const std::string& name, Limits limits);

  /// Each returns false after the first error; the reader then stops.
  bool begin(NodeKind kind, int line);  ///< a list or a map
  bool end();
  bool key(std::string text, int line);
  bool scalar(NodeKind kind, std::string text, int line);

  bool fail(ErrorCode code, int line, std::string message, std::string mend);
  [[nodiscard]] bool in_map() const noexcept { return !open_.empty() && open_.back().map; }
  [[nodiscard]] bool has_root() const noexcept { return has_root_; }
  [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }
  [[nodiscard]] Result<Node> take();

 private:
  struct Level {
    Node node;
    bool map = false;
    std::map<std::string, int> seen;  ///< key to line
  };
  bool add(Node node);

  std::shared_ptr<const std::string> origin_;
  Limits limits_;
  std::size_t nodes_ = 0;
  std::vector<Level> open_;
  bool has_root_ = false;
  Node root_;
  std::optional<Error> error_;
};

[[nodiscard]] Result<Node> read_json(std::string_view text, const std::string& name, Limits limits);
[[nodiscard]] Result<Node> read_yaml(std::string_view text, const std::string& name, Limits limits);

}  // namespace bw::config
