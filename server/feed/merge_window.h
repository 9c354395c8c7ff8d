// MergeWindow: how long to wait for more changes before delivering: nothing while changes are rare,
// growing to kMaxMergeWindow as they become frequent, so that a busy registry sends fewer, larger
// messages and a quiet one is not slowed.
//
// The rate is an exponentially decaying count. Pure: time is an argument. Thread-compatible.
#pragma once

#include "absl/time/time.h"
#include "client-sdk/base/instant.h"

namespace rollcall::feed {

class MergeWindow {
 public:
  // Up to this many changes per second nothing waits; from kHighRate on the window is full.
  static constexpr double kLowRate = 100;
  static constexpr double kHighRate = 1000;

  // Counts a change at `now`; returns how long its delivery may wait.
  absl::Duration Note(base::Instant now);

 private:
  double recent_ = 0;
  base::Instant last_;
};

}  // namespace rollcall::feed
