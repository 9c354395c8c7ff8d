#include "client-sdk/base/system_clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace rollcall::base {

Instant SystemClock::Steady() const {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Instant::FromOrigin(absl::FromChrono(since));
}

absl::Time SystemClock::Wall() const { return absl::Now(); }

}  // namespace rollcall::base
