#pragma once
#include <memory>

#include "bellwether/service/inputs.hpp"

namespace bw::app {

/// Removes a file when it goes.
using TemporaryFile = std::shared_ptr<const std::filesystem::path>;

/// Where the feed's files name symbols that the reference lacks, writes a reference with both to a temporary file
/// and points `inputs` at it, so that every process of a run knows the same instruments. Empty where none is needed.
[[nodiscard]] Result<TemporaryFile> with_feed_instruments(service::Inputs& inputs);

}  // namespace bw::app
