#pragma once
// The instrument reference (instruments.yaml) as domain values, versioned by its sha256.
#include <optional>

#include "bellwether/config/document.hpp"
#include "bellwether/domain/instrument.hpp"

namespace bw::config {

class InstrumentTable {
 public:
  static constexpr std::size_t kMaxInstruments = 20'000;

  /// Ids and symbols are unique; every range of the schema holds. Errors name line, field and mend.
  [[nodiscard]] static Result<InstrumentTable> from(const Document& document);
  [[nodiscard]] static Result<InstrumentTable> load(const std::filesystem::path& path);

  [[nodiscard]] const std::vector<Instrument>& all() const noexcept { return by_id_; }  ///< by id
  [[nodiscard]] const Instrument* find(InstrumentId id) const noexcept;
  [[nodiscard]] const Instrument* find(std::string_view symbol) const noexcept;
  /// not_found with the nearest symbol as its mend.
  [[nodiscard]] Result<InstrumentId> id_of(std::string_view symbol) const;
  [[nodiscard]] const std::string& sha256() const noexcept { return sha256_; }

 private:
  std::vector<Instrument> by_id_;
  std::vector<std::size_t> by_symbol_;  ///< indices of by_id_, by symbol
  std::string sha256_;
};

}  // namespace bw::config
