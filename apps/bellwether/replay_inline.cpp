#include "bellwether/runtime/inline_host.hpp"
#include "replay.hpp"

namespace bw::app {

Result<void> replay_inline(const Suite& suite, RunReport& report, const Progress& progress) {
  auto source = suite.open_feed();
  if (!source) return tl::unexpected(source.error());
  runtime::InlineHost host(suite.specs(), **source, report);
  constexpr int kLook = 4'096;  // times between looks at the outside
  while (true) {
    for (int i = 0; i < kLook; ++i) {
      if (!host.step_history()) return {};
    }
    progress(-1, host.position(), host.events());
    if (service::stop_requested()) return fail(ErrorCode::cancelled, "stopped on request");
  }
}

}  // namespace bw::app
