#include "identity/shell/wiring.hpp"

namespace bw::identity {

// No machine yet: the process joins its group and answers for its health (README).
Result<service::Wiring> wire(const service::Inputs&) { return service::Wiring{}; }

}  // namespace bw::identity
