#include "inference/shell/wiring.hpp"

namespace bw::inference {

// No machine yet: the process joins its group and answers for its health (README).
Result<service::Wiring> wire(const service::Inputs&) { return service::Wiring{}; }

}  // namespace bw::inference
