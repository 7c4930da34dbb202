#include "bellwether/config/section.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "bellwether/config/suggest.hpp"

namespace bw::config {
namespace {

const Node& empty_table() {
  static const Node kEmpty = [] {
    Node n;
    n.kind = NodeKind::map;
    return n;
  }();
  return kEmpty;
}

std::string shown(double v) {
  if (std::abs(v) < 1e15 && v == std::floor(v)) {
    return std::to_string(static_cast<std::int64_t>(v));
  }
  char text[40];
  const auto [end, error] = std::to_chars(text, text + sizeof text, v);
  return error == std::errc{} ? std::string(text, end) : std::string("?");
}

/// "in (0, 1]", "> 0", "at most 5"; empty where every number is fine.
std::string wanted(const Range& r) {
  const bool open_low = std::isfinite(r.above);
  const bool low = open_low || std::isfinite(r.min);
  const bool open_high = std::isfinite(r.below);
  const bool high = open_high || std::isfinite(r.max);
  const std::string from = shown(open_low ? r.above : r.min);
  const std::string to = shown(open_high ? r.below : r.max);
  if (low && high)
    return "in " + std::string(open_low ? "(" : "[") + from + ", " + to + (open_high ? ")" : "]");
  if (low) return open_low ? "greater than " + from : "at least " + from;
  if (high) return open_high ? "less than " + to : "at most " + to;
  return {};
}

bool inside(double v, const Range& r) noexcept {
  return v > r.above && v >= r.min && v <= r.max && v < r.below;
}

/// What is there instead, for an error: "a text 'abc'".
std::string seen(const Node& n) {
  std::string text(describe(n.kind));
  if (n.kind == NodeKind::list || n.kind == NodeKind::map || n.kind == NodeKind::null) return text;
  return text + ", '" + n.text.substr(0, 60) + "'";
}

bool is_scalar(NodeKind kind) noexcept { return kind != NodeKind::list && kind != NodeKind::map; }

std::string join(std::string_view path, std::string_view key) {
  if (path.empty()) return std::string(key);
  return key.empty() ? std::string(path) : std::string(path) + "." + std::string(key);
}

}  // namespace

Section Checker::root() { return {*this, *root_, ""}; }

void Checker::fail(const Node& node, const std::string& path, std::string message,
                   std::string mend) {
  fail_at(node.where(), path, std::move(message), std::move(mend));
}

void Checker::fail_at(std::string where, const std::string& path, std::string message,
                      std::string mend) {
  if (error_) return;
  if (!path.empty()) where += (where.empty() ? "" : ": ") + path;
  error_ =
      Error{ErrorCode::invalid_argument, std::move(message), std::move(where), std::move(mend)};
}

Result<void> Checker::finish() const {
  if (error_) return tl::unexpected(*error_);
  return {};
}

Section::Section(Checker& checker, const Node& node, std::string path)
    : checker_(&checker), node_(&node), path_(std::move(path)) {
  if (node.kind != NodeKind::map) {
    checker.fail(node, path_, "must be a table of keys and values, is " + seen(node),
                 "write it as 'key: value' lines");
    node_ = &empty_table();
  }
}

std::string Section::path_of(std::string_view key) const { return join(path_, key); }

void Section::allow(std::initializer_list<std::string_view> keys) {
  for (std::size_t i = 0; i < node_->keys.size(); ++i) {
    const std::string& key = node_->keys[i];
    const bool known = std::find(keys.begin(), keys.end(), key) != keys.end();
    if (known && checker_->refuses_nulls() && node_->items[i].kind == NodeKind::null) {
      fail(key, "has no value", "write one, or remove the line");
    }
    if (known) continue;
    Node at;
    at.origin = node_->items[i].origin;
    at.line = node_->key_lines[i];
    checker_->fail(at, path_of(key), "is no known field",
                   suggest(key, std::span<const std::string_view>(keys.begin(), keys.size())));
    return;
  }
}

bool Section::has(std::string_view key) const noexcept { return kind_of(key) != NodeKind::null; }

NodeKind Section::kind_of(std::string_view key) const noexcept {
  const Node* n = node_->find(key);
  return n == nullptr ? NodeKind::null : n->kind;
}

void Section::fail(std::string_view key, std::string message, std::string mend) {
  const Node* n = key.empty() ? nullptr : node_->find(key);
  checker_->fail(n != nullptr ? *n : *node_, path_of(key), std::move(message), std::move(mend));
}

void Section::fail_entry(std::string_view key, std::size_t index, std::string message,
                         std::string mend) {
  const Node* n = node_->find(key);
  const bool there = n != nullptr && index < n->items.size();
  checker_->fail(there ? n->items[index] : *node_, path_of(key) + "[" + std::to_string(index) + "]",
                 std::move(message), std::move(mend));
}

void Section::fail_unknown_word(std::string_view key, std::string_view word,
                                std::span<const std::string_view> known) {
  if (!ok()) return;
  fail(key, "is '" + std::string(word.substr(0, 60)) + "', which is not known here",
       suggest(word, known));
}

const Node* Section::need(std::string_view key, std::initializer_list<NodeKind> kinds,
                          std::string_view wanted_kind) {
  if (!ok()) return nullptr;
  const Node* n = node_->find(key);
  if (n == nullptr || n->kind == NodeKind::null) {
    fail(key, "is missing", "add it: " + std::string(wanted_kind));
    return nullptr;
  }
  if (std::find(kinds.begin(), kinds.end(), n->kind) != kinds.end()) return n;
  const bool quoted_number = n->kind == NodeKind::text && *kinds.begin() != NodeKind::text;
  std::string mend = "write " + std::string(wanted_kind);
  if (*kinds.begin() == NodeKind::text && is_scalar(n->kind)) mend = "put it in quotes";
  if (quoted_number) mend += " without quotes";
  fail(key, "must be " + std::string(wanted_kind) + ", is " + seen(*n), mend);
  return nullptr;
}

std::string Section::text(std::string_view key, Size length) {
  const Node* loose = node_->find(key);
  const bool any = loose != nullptr && loose->unquoted_override && is_scalar(loose->kind) &&
                   loose->kind != NodeKind::null;
  const Node* n = any ? loose : need(key, {NodeKind::text}, "a text");
  if (n == nullptr || !ok()) return {};
  if (n->text.size() < length.min || n->text.size() > length.max) {
    fail(key, "has " + std::to_string(n->text.size()) + " bytes",
         "write " + std::to_string(length.min) + " to " + std::to_string(length.max) + " bytes");
    return {};
  }
  return n->text;
}

std::string Section::text_or(std::string_view key, std::string other, Size length) {
  return has(key) ? text(key, length) : std::move(other);
}

double Section::number(std::string_view key, Range range) {
  const std::string limits = wanted(range);
  const std::string phrase = "a number" + (limits.empty() ? std::string() : " " + limits);
  const Node* n = need(key, {NodeKind::integer, NodeKind::real}, phrase);
  if (n == nullptr) return 0;
  std::string_view s = n->text;
  if (s[0] == '+') s.remove_prefix(1);
  double v = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), v);
  if (error != std::errc{} || end != s.data() + s.size() || !std::isfinite(v)) {
    fail(key, "is '" + n->text.substr(0, 60) + "', not a finite number that fits",
         "write " + phrase);
    return 0;
  }
  if (!inside(v, range)) {
    fail(key, "must be " + limits + ", is " + n->text.substr(0, 60), "write " + phrase);
    return 0;
  }
  return v;
}

double Section::number_or(std::string_view key, double other, Range range) {
  return has(key) ? number(key, range) : other;
}

std::int64_t Section::integer(std::string_view key, std::int64_t min, std::int64_t max) {
  const std::string phrase =
      "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  const Node* n = need(key, {NodeKind::integer}, phrase);
  if (n == nullptr) return min;
  std::string_view s = n->text;
  if (s[0] == '+') s.remove_prefix(1);
  std::int64_t v = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), v);
  if (error != std::errc{} || end != s.data() + s.size() || v < min || v > max) {
    fail(key, "must be " + phrase + ", is " + n->text.substr(0, 60), "write " + phrase);
    return min;
  }
  return v;
}

std::int64_t Section::integer_or(std::string_view key, std::int64_t other, std::int64_t min,
                                 std::int64_t max) {
  return has(key) ? integer(key, min, max) : other;
}

bool Section::boolean(std::string_view key) {
  const Node* n = need(key, {NodeKind::boolean}, "true or false");
  return n != nullptr && n->text == "true";
}

bool Section::boolean_or(std::string_view key, bool other) {
  return has(key) ? boolean(key) : other;
}

DurationNs Section::duration_or(std::string_view key, DurationNs other, DurationNs min,
                                DurationNs max) {
  if (!has(key)) return other;
  static constexpr std::pair<std::string_view, DurationNs> kUnits[] = {
      {"us", kMicrosecond}, {"ms", kMillisecond}, {"s", kSecond},
      {"m", kMinute},       {"h", kHour},         {"d", kDay}};
  const std::string s = text(key, {1, 32});
  if (!ok()) return other;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(s.data() + s.size() - end));
  for (const auto& [name, length] : kUnits) {
    DurationNs v = 0;
    if (error != std::errc{} || unit != name || __builtin_mul_overflow(count, length, &v)) continue;
    if (v >= min && v <= max) return v;
    fail(key,
         "is '" + s + "', outside " + shown(static_cast<double>(min) / 1e9) + " s to " +
             shown(static_cast<double>(max) / 1e9) + " s",
         "write a length of time within them");
    return other;
  }
  fail(key, "is '" + s + "', not a length of time", "write for example 250ms, 2s, 5m, 1h or 7d");
  return other;
}

std::int64_t Section::positive_raw(std::string_view key) {
  const Node* n = need(key, {NodeKind::integer, NodeKind::real}, "a number greater than 0");
  if (n == nullptr) return kDecimalOne;
  const auto v = parse_decimal(n->text, false);
  if (!v) {
    fail(key, "is '" + n->text.substr(0, 60) + "': " + v.error().message,
         v.error().mend.empty() ? "write a number with at most 8 decimals" : v.error().mend);
    return kDecimalOne;
  }
  if (*v <= 0) {
    fail(key, "must be greater than 0, is " + n->text.substr(0, 60),
         "write a number greater than 0");
    return kDecimalOne;
  }
  return *v;
}

Section Section::section(std::string_view key) {
  const Node* n = need(key, {NodeKind::map}, "a table of keys and values");
  return {*checker_, n != nullptr ? *n : empty_table(), path_of(key)};
}

std::vector<Section> Section::sections(std::string_view key, Size count) {
  std::vector<Section> result;
  const Node* n = need(key, {NodeKind::list}, "a list of tables");
  if (n == nullptr) return result;
  if (n->items.size() < count.min || n->items.size() > count.max) {
    fail(key, "has " + std::to_string(n->items.size()) + " entries",
         "write " + std::to_string(count.min) + " to " + std::to_string(count.max));
    return result;
  }
  for (std::size_t i = 0; i < n->items.size(); ++i) {
    result.emplace_back(*checker_, n->items[i], path_of(key) + "[" + std::to_string(i) + "]");
  }
  return result;
}

std::vector<std::string> Section::texts(std::string_view key, Size count, std::size_t max_length) {
  std::vector<std::string> result;
  const Node* n = need(key, {NodeKind::list}, "a list of texts");
  if (n == nullptr) return result;
  if (n->items.size() < count.min || n->items.size() > count.max) {
    fail(key, "has " + std::to_string(n->items.size()) + " entries",
         "write " + std::to_string(count.min) + " to " + std::to_string(count.max));
    return result;
  }
  for (std::size_t i = 0; i < n->items.size(); ++i) {
    const Node& item = n->items[i];
    const std::string path = path_of(key) + "[" + std::to_string(i) + "]";
    const bool loose = item.unquoted_override && is_scalar(item.kind);
    if (item.kind != NodeKind::text && !loose) {
      checker_->fail(item, path, "must be a text, is " + seen(item), "put it in quotes");
    } else if (item.text.empty() || item.text.size() > max_length) {
      checker_->fail(item, path, "has " + std::to_string(item.text.size()) + " bytes",
                     "write 1 to " + std::to_string(max_length) + " bytes");
    }
    result.push_back(item.text);
  }
  return result;
}

}  // namespace bw::config
