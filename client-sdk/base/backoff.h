// Backoff: how long to wait before trying again: exponential with full jitter (each wait is uniform
// between 0 and a bound that doubles), so that many clients do not come back at once.
//
// Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
// Thread-compatible; pure but for the Random it is handed.
#pragma once

#include <algorithm>

#include "absl/time/time.h"
#include "client-sdk/base/random.h"

namespace rollcall::base {

class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration most) : first_(first), most_(most), bound_(first) {}

  absl::Duration Next(Random& random) {
    const absl::Duration wait = random.Between(absl::ZeroDuration(), bound_);
    bound_ = std::min(bound_ * 2, most_);
    return wait;
  }
  void Reset() { bound_ = first_; }

 private:
  absl::Duration first_;
  absl::Duration most_;
  absl::Duration bound_;
};

}  // namespace rollcall::base
