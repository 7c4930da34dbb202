#include "bellwether/base/serial.hpp"

namespace bw {

Result<void> Reader::finish(const char* what) const {
  if (!ok_) return fail(ErrorCode::data_loss, "saved state is cut short", what);
  if (!at_end()) return fail(ErrorCode::data_loss, "saved state has bytes left over", what);
  return {};
}

}  // namespace bw
