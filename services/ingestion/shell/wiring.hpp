#pragma once
#include "bellwether/service/process.hpp"

namespace bw::ingestion {

/// Reads the service's settings and documents and makes its machines; errors name file, line, key
/// and mend.
[[nodiscard]] Result<service::Wiring> wire(const service::Inputs& inputs);

}  // namespace bw::ingestion
