#pragma once
// Layered configuration: defaults <- file <- environment <- flags. The defaults are a document with
// every key; what a later layer names must exist there. Tables merge key by key, everything else is
// replaced whole.
#include <utility>

#include "bellwether/config/document.hpp"

namespace bw::config {

using NameValue = std::pair<std::string, std::string>;

struct Overrides {
  std::vector<NameValue> environment;  ///< all of it, or as environment() gives it
  std::vector<NameValue> flags;        ///< ("kafka.linger_ms", "5")
  /// BELLWETHER_* names that are no settings (BELLWETHER_DATA of the tests, another program's).
  std::vector<std::string> foreign_environment;
};

/// The BELLWETHER_* variables of this process, by name. The one place where configuration reads the
/// environment.
[[nodiscard]] std::vector<NameValue> environment();

/// BELLWETHER_KAFKA_LINGER_MS for "kafka.linger_ms".
[[nodiscard]] std::string environment_name(std::string_view path);

/// The merged tree; each value still says where it came from. A value of another kind than the
/// default's (a text for a table), an unknown key, flag or BELLWETHER_* name is an error with the
/// nearest name as its mend. `file` may be null.
[[nodiscard]] Result<Node> merge(const Document& defaults, const Document* file,
                                 const Overrides& overrides);

}  // namespace bw::config
