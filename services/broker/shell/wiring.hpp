#pragma once
#include "bellwether/config/document.hpp"
#include "bellwether/service/process.hpp"
#include "broker/core/config.hpp"

namespace bw::broker {

/// The settings of config.yaml, below the key `broker`; accounts in any order, strategies by name.
[[nodiscard]] Result<Config> config_of(const config::Node& node,
                                       std::vector<Instrument> instruments);

/// Reads the service's settings and documents and makes its machines; errors name file, line, key
/// and mend.
[[nodiscard]] Result<service::Wiring> wire(const service::Inputs& inputs);

}  // namespace bw::broker
