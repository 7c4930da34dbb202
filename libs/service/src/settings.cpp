#include "bellwether/service/settings.hpp"

#include <algorithm>
#include <cctype>

#include "bellwether/config/layers.hpp"

namespace bw::service {

namespace {

/// The variables BELLWETHER_<SERVICE>_…: those of other services are none of ours.
std::vector<config::NameValue> environment_of(const std::string& service) {
  std::string prefix = "BELLWETHER_" + service + "_";
  std::transform(prefix.begin(), prefix.end(), prefix.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::vector<config::NameValue> ours;
  for (auto& [name, value] : config::environment()) {
    if (name.rfind(prefix, 0) == 0) ours.emplace_back(name, value);
  }
  return ours;
}

}  // namespace

Result<config::Node> settings(const Inputs& inputs, const std::string& service) {
  auto defaults = config::Document::load(inputs.home / "services" / service / "config.yaml");
  if (!defaults) return tl::unexpected(defaults.error());
  std::optional<config::Document> file;
  if (!inputs.accounts.empty() && service == "broker") {
    auto loaded = config::Document::load(inputs.accounts);
    if (!loaded) return tl::unexpected(loaded.error());
    file = std::move(*loaded);
  }
  config::Overrides overrides;
  overrides.environment = environment_of(service);
  for (const std::string& set : inputs.settings) {
    const auto equals = set.find('=');
    if (equals == std::string::npos) {
      return fail(ErrorCode::invalid_argument, "'" + set + "' has no '='", "--set",
                  "write --set broker.key=value");
    }
    if (set.rfind(service + ".", 0) == 0) {
      overrides.flags.emplace_back(set.substr(0, equals), set.substr(equals + 1));
    }
  }
  auto merged = config::merge(*defaults, file ? &*file : nullptr, overrides);
  if (!merged) return tl::unexpected(merged.error());
  const config::Node* section = merged->find(service);
  if (section == nullptr) {
    return fail(ErrorCode::invalid_argument, "has no section " + service, defaults->name());
  }
  return *section;
}

Result<config::InstrumentTable> load_instruments(const Inputs& inputs) {
  return config::InstrumentTable::load(inputs.instruments.empty()
                                           ? inputs.home / "deploy/config/instruments.yaml"
                                           : inputs.instruments);
}

}  // namespace bw::service
