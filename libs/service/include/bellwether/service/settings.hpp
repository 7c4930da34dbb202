#pragma once
// A service's settings: its config.yaml (every key, with its default) <- --config FILE <-
// environment <- --set.
#include "bellwether/service/inputs.hpp"

namespace bw::service {

/// The merged tree of `service`, below its top key. Errors name file, line, key and mend.
[[nodiscard]] Result<config::Node> settings(const Inputs& inputs, const std::string& service);

/// The instrument reference that the inputs name.
[[nodiscard]] Result<config::InstrumentTable> load_instruments(const Inputs& inputs);

}  // namespace bw::service
