#pragma once
// Section: strict reading of a document's tables into structs. Each getter checks presence, type
// and range; the first thing wrong is kept in the Checker (file and line, field path, mend), later
// getters return defaults, so a reader is a straight list of getters with one check at its end:
//
//   Checker check(document);
//   Section s = check.root();
//   s.allow({"name", "weight"});
//   item.weight = s.number("weight", {.above = 0, .max = 1});
//   if (auto r = check.finish(); !r) return tl::unexpected(r.error());
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "bellwether/base/decimal.hpp"
#include "bellwether/base/time.hpp"
#include "bellwether/config/document.hpp"

namespace bw::config {

/// What a number may be: above < v (and not equal), min <= v <= max, v < below.
struct Range {
  double above = -std::numeric_limits<double>::infinity();
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();
};

struct Size {
  std::size_t min = 0;
  std::size_t max = 4096;
};

class Section;

/// Owns the first error of one document. Outlives its sections; the document outlives it.
class Checker {
 public:
  explicit Checker(const Document& document) : root_(&document.root()) {}
  explicit Checker(const Node& root) : root_(&root) {}
  Checker(const Checker&) = delete;
  Checker& operator=(const Checker&) = delete;

  [[nodiscard]] Section root();
  /// From now on a key without a value is an error (found by Section::allow). Otherwise it counts
  /// as absent.
  void refuse_nulls() noexcept { refuse_nulls_ = true; }
  [[nodiscard]] bool refuses_nulls() const noexcept { return refuse_nulls_; }
  [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
  void fail(const Node& node, const std::string& path, std::string message, std::string mend);
  void fail_at(std::string where, const std::string& path, std::string message, std::string mend);
  [[nodiscard]] Result<void> finish() const;

 private:
  const Node* root_;
  std::optional<Error> error_;
  bool refuse_nulls_ = false;
};

/// One table of the document. Cheap to copy. Where a table is missing or none, the section is
/// empty.
class Section {
 public:
  Section(Checker& checker, const Node& node, std::string path);

  /// Any other key is an error, with the nearest of these as its mend. Call it first.
  void allow(std::initializer_list<std::string_view> keys);
  [[nodiscard]] bool has(std::string_view key) const noexcept;  ///< present and not null
  [[nodiscard]] bool ok() const noexcept { return checker_->ok(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string path_of(std::string_view key) const;

  [[nodiscard]] std::string text(std::string_view key, Size length = {1, 4096});
  [[nodiscard]] std::string text_or(std::string_view key, std::string other,
                                    Size length = {0, 4096});
  [[nodiscard]] double number(std::string_view key, Range range = {});
  [[nodiscard]] double number_or(std::string_view key, double other, Range range = {});
  [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
  [[nodiscard]] std::int64_t integer_or(std::string_view key, std::int64_t other, std::int64_t min,
                                        std::int64_t max);
  [[nodiscard]] bool boolean(std::string_view key);
  [[nodiscard]] bool boolean_or(std::string_view key, bool other);
  /// "250ms", "2s", "5m", "1h", "7d".
  [[nodiscard]] DurationNs duration_or(std::string_view key, DurationNs other, DurationNs min,
                                       DurationNs max);
  /// Exact: more than 8 decimals are refused. A Price, Quantity or Money, above zero.
  template <class FixedPoint>
  [[nodiscard]] FixedPoint positive_decimal(std::string_view key) {
    return FixedPoint::from_raw(positive_raw(key));
  }
  template <class E>
  [[nodiscard]] E choice(std::string_view key,
                         std::span<const std::pair<std::string_view, E>> known) {
    const std::string word = text(key);
    for (const auto& [name, value] : known) {
      if (name == word) return value;
    }
    std::vector<std::string_view> names;
    for (const auto& [name, value] : known) names.push_back(name);
    fail_unknown_word(key, word, names);
    return E{};
  }
  template <class E, std::size_t N>
  [[nodiscard]] E choice(std::string_view key, const std::pair<std::string_view, E> (&known)[N]) {
    return choice<E>(key, std::span<const std::pair<std::string_view, E>>(known));
  }
  template <class E, std::size_t N>
  [[nodiscard]] E choice_or(std::string_view key, E other,
                            const std::pair<std::string_view, E> (&known)[N]) {
    return has(key) ? choice<E>(key, known) : other;
  }

  [[nodiscard]] Section section(std::string_view key);
  /// A list of tables.
  [[nodiscard]] std::vector<Section> sections(std::string_view key, Size count);
  /// A list of texts, each of 1 … max_length bytes.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key, Size count,
                                               std::size_t max_length = 256);
  [[nodiscard]] NodeKind kind_of(std::string_view key) const noexcept;  ///< null where absent

  /// Something else is wrong with the value of `key` (or, where it is empty or absent, with the
  /// table).
  void fail(std::string_view key, std::string message, std::string mend = {});
  /// The same for one entry of the list `key`.
  void fail_entry(std::string_view key, std::size_t index, std::string message,
                  std::string mend = {});
  void fail_unknown_word(std::string_view key, std::string_view word,
                         std::span<const std::string_view> known);

 private:
  /// The value; nothing, and an error, where it is missing or of another kind.
  const Node* need(std::string_view key, std::initializer_list<NodeKind> kinds,
                   std::string_view wanted);
  std::int64_t positive_raw(std::string_view key);

  Checker* checker_;
  const Node* node_;
  std::string path_;
};

}  // namespace bw::config
