#include "bellwether/config/layers.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "bellwether/config/suggest.hpp"
#include "tree_builder.hpp"

namespace bw::config {
namespace {

constexpr std::string_view kPrefix = "BELLWETHER_";

bool is_number(NodeKind kind) noexcept {
  return kind == NodeKind::integer || kind == NodeKind::real;
}

/// May a value of kind `other` stand where the default is of kind `base`? Scalars are judged by the
/// section that reads them; null in the defaults means "optional, any kind".
bool replaceable(NodeKind base, NodeKind other) noexcept {
  if (base == NodeKind::null || other == NodeKind::null || base == other) return true;
  const bool base_scalar = base != NodeKind::list && base != NodeKind::map;
  const bool other_scalar = other != NodeKind::list && other != NodeKind::map;
  return base_scalar && other_scalar;
}

std::string join(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : std::string(path) + "." + std::string(key);
}

std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

Result<void> wrong_kind(const Node& base, const Node& other, const std::string& path) {
  return fail(
      ErrorCode::invalid_argument,
      "must be " + std::string(describe(base.kind)) + ", is " + std::string(describe(other.kind)),
      other.where() + ": " + path, "write it as in " + base.where());
}

Result<void> overlay(Node& base, const Node& other, const std::string& path) {
  if (!replaceable(base.kind, other.kind)) return wrong_kind(base, other, path);
  if (base.kind != NodeKind::map || other.kind != NodeKind::map) {
    base = other;
    return {};
  }
  for (std::size_t i = 0; i < other.keys.size(); ++i) {
    const auto at = std::find(base.keys.begin(), base.keys.end(), other.keys[i]);
    const std::string inner = join(path, other.keys[i]);
    if (at == base.keys.end()) {
      const std::string line =
          other.key_lines[i] > 0 ? ":" + std::to_string(other.key_lines[i]) : "";
      return fail(ErrorCode::invalid_argument, "is no known field",
                  (other.origin ? *other.origin : "") + line + ": " + inner,
                  suggest(other.keys[i], views(base.keys)));
    }
    Node& slot = base.items[static_cast<std::size_t>(at - base.keys.begin())];
    if (auto r = overlay(slot, other.items[i], inner); !r) return r;
  }
  return {};
}

void collect_paths(const Node& node, const std::string& path, std::vector<std::string>& paths) {
  if (node.kind != NodeKind::map) {
    paths.push_back(path);
    return;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    collect_paths(node.items[i], join(path, node.keys[i]), paths);
  }
}

Node* at_path(Node& root, std::string_view path) {
  Node* node = &root;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const std::string_view key = path.substr(0, dot);
    const auto it = std::find(node->keys.begin(), node->keys.end(), key);
    if (it == node->keys.end()) return nullptr;
    node = &node->items[static_cast<std::size_t>(it - node->keys.begin())];
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return node;
}

void mark_override(Node& node) {
  node.unquoted_override = true;
  node.line = 0;
  for (Node& item : node.items) mark_override(item);
}

/// Sets one value given as text: lists as [a, b], or as a,b where the default is a list; anything
/// else as it stands.
Result<void> set(Node& root, const std::string& path, const std::string& value,
                 const std::string& origin) {
  Node& slot = *at_path(root, path);
  const bool wants_list = slot.kind == NodeKind::list;
  const bool bracketed = !value.empty() && (value[0] == '[' || value[0] == '{');
  Node given;
  if (slot.kind == NodeKind::text && !bracketed) {
    given.kind = NodeKind::text;  // colons, hashes and the like are part of a text
    given.text = value;
    given.origin = std::make_shared<const std::string>(origin);
  } else {
    auto parsed = read_yaml(wants_list && !bracketed ? "[" + value + "]" : value, origin, Limits{});
    if (!parsed) return tl::unexpected(parsed.error());
    given = std::move(*parsed);
  }
  mark_override(given);
  if (!replaceable(slot.kind, given.kind) ||
      (is_number(slot.kind) && given.kind == NodeKind::text)) {
    return wrong_kind(slot, given, path);
  }
  slot = std::move(given);
  return {};
}

Result<void> apply_environment(Node& root, const Overrides& overrides,
                               const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  names.reserve(paths.size());
  for (const std::string& path : paths) names.push_back(environment_name(path));
  const auto& foreign = overrides.foreign_environment;
  for (const auto& [name, value] : overrides.environment) {
    if (name.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    if (std::find(foreign.begin(), foreign.end(), name) != foreign.end()) continue;
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
      return fail(ErrorCode::invalid_argument, "is no setting of this program",
                  "environment " + name, suggest(name, views(names)));
    }
    const std::string& path = paths[static_cast<std::size_t>(it - names.begin())];
    if (auto r = set(root, path, value, "environment " + name); !r) return r;
  }
  return {};
}

}  // namespace

std::vector<NameValue> environment() {
  std::vector<NameValue> result;
  for (char** e = environ; e != nullptr && *e != nullptr; ++e) {
    const std::string_view text(*e);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || text.substr(0, kPrefix.size()) != kPrefix) continue;
    result.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::string environment_name(std::string_view path) {
  std::string name(kPrefix);
  for (const char c : path) {
    if (c >= 'a' && c <= 'z') {
      name += static_cast<char>(c - 'a' + 'A');
    } else {
      name += (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    }
  }
  return name;
}

Result<Node> merge(const Document& defaults, const Document* file, const Overrides& overrides) {
  Node root = defaults.root();
  std::vector<std::string> paths;
  collect_paths(root, "", paths);
  if (file != nullptr) {
    if (auto r = overlay(root, file->root(), ""); !r) return tl::unexpected(r.error());
  }
  if (auto r = apply_environment(root, overrides, paths); !r) return tl::unexpected(r.error());
  for (const auto& [path, value] : overrides.flags) {
    if (std::find(paths.begin(), paths.end(), path) == paths.end()) {
      return fail(ErrorCode::invalid_argument, "is no known setting", "flag --set " + path,
                  suggest(path, views(paths)));
    }
    if (auto r = set(root, path, value, "flag --set " + path); !r) return tl::unexpected(r.error());
  }
  return root;
}

}  // namespace bw::config
