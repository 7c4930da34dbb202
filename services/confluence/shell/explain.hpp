#pragma once
// Says why a signal is what it is, for people (`bellwether explain`) and for programs (JSON).
#include <span>
#include <string>

#include "bellwether/domain/instrument.hpp"
#include "confluence/core/strategy.hpp"

namespace bw::confluence {

/// A signal with all that is needed to tell its story.
struct Story {
  const Signal& signal;
  const Strategy& strategy;  ///< of the signal's id; another version is said to be one
  const Instrument& instrument;
  std::span<const HoldBack> held_back;  ///< before the signal, for the same strategy and instrument
};

/// A page of text: what, from which components, by which rule, on which data, sized and protected
/// how.
[[nodiscard]] std::string explain(const Story& story);
/// The same as one line of JSON; prices are decimal strings, times ISO 8601.
[[nodiscard]] std::string explain_json(const Story& story);

/// "(close - ema_50) / atr_14".
[[nodiscard]] std::string formula_of(const Component& component);
/// "tanh((x - 0) / 3)", "linear -1 at 30, +1 at 70, inverted".
[[nodiscard]] std::string text_of(const Normaliser& normaliser);

}  // namespace bw::confluence
