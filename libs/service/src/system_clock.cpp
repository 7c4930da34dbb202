#include <algorithm>
#include <ctime>

#include "bellwether/service/process.hpp"

namespace bw::service {

TimeNs SystemClock::now() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  last_ = std::max(last_, static_cast<TimeNs>(t.tv_sec) * kSecond + t.tv_nsec);
  return last_;
}

}  // namespace bw::service
