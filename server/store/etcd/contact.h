// Contact: since when it is not certain any more that this store is the one that all others see.
//
// Counts from when the newest linearizable operation that succeeded was sent, for that is when it
// was certain. Heard belongs to the executor; age is thread-safe.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/instant.h"

namespace rollcall::etcd {

class Contact {
 public:
  Contact(const base::Clock& clock, base::Instant first)
      : clock_(clock), last_ns_(absl::ToInt64Nanoseconds(first.SinceOrigin())) {}

  // An operation sent at `sent` has succeeded.
  void Heard(base::Instant sent) {
    last_ns_ = std::max(last_ns_.load(), absl::ToInt64Nanoseconds(sent.SinceOrigin()));
  }
  base::Instant last() const {
    return base::Instant::FromOrigin(absl::Nanoseconds(last_ns_.load()));
  }
  absl::Duration age() const { return clock_.Steady() - last(); }

 private:
  const base::Clock& clock_;
  std::atomic<int64_t> last_ns_;
};

}  // namespace rollcall::etcd
