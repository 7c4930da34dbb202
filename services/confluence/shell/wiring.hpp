#pragma once
// How the confluence service is put together from its settings and documents.
#include "bellwether/config/instruments.hpp"
#include "bellwether/service/process.hpp"
#include "confluence/core/strategy.hpp"

namespace bw::confluence {

/// The documents of --strategy, or else of the setting `strategies`.
[[nodiscard]] Result<std::vector<Strategy>> strategies_of(
    const service::Inputs& inputs, const config::InstrumentTable& instruments);

/// Reads the service's settings and documents and makes its machines; errors name file, line, key
/// and mend.
[[nodiscard]] Result<service::Wiring> wire(const service::Inputs& inputs);

}  // namespace bw::confluence
