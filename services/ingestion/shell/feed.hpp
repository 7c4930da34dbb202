#pragma once
// The feed of a process as one source: recorded files, or the simulator where none are named.
#include "bellwether/runtime/machine.hpp"
#include "bellwether/service/inputs.hpp"

namespace bw::ingestion {

/// Instruments that files name and the reference lacks are made for them: instruments_of() has them
/// too.
[[nodiscard]] Result<std::unique_ptr<runtime::Source>> open_feed(
    const service::Inputs& inputs, const std::vector<Instrument>& instruments);

/// The reference's instruments, and those that the feed's files bring along.
[[nodiscard]] Result<std::vector<Instrument>> instruments_of(
    const service::Inputs& inputs, const std::vector<Instrument>& reference);

}  // namespace bw::ingestion
