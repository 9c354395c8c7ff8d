// MergeWindow: how long to wait for more changes before delivering, so that a busy registry sends
// fewer, larger messages and a quiet one is not slowed. The longer of two:
// - by the rate of changes, an exponentially decaying count: nothing while they are rare, growing
//   to kMaxMergeWindow as they become frequent;
// - by what the last delivery cost, when changes are not rare: it is given time to reach those it
//   was for before they are sent more, so that sending takes about half of a processor and no more;
//   and what took long to make is not made again soon: that takes about a quarter of a processor,
//   until the pause is as long as it may be.
//
// Pure: time is an argument. Thread-compatible.
#pragma once

#include <cstddef>

#include "absl/time/time.h"
#include "client-sdk/base/instant.h"

namespace rollcall::feed {

class MergeWindow {
 public:
  // Up to this many changes per second nothing waits; from kHighRate on the window is full.
  static constexpr double kLowRate = 100;
  static constexpr double kHighRate = 1000;
  // From here on all of the time that a delivery is given is waited for.
  static constexpr double kPausingRate = 300;

  // What a message to one watcher is given: twice the processor time that it costs.
  static constexpr absl::Duration kForMessage = absl::Microseconds(45);
  // As long as making it took, so many times. A change in a large service is told from a new
  // snapshot of all of it, which takes as long for one change as for many.
  static constexpr int kForMaking = 4;
  // No delivery is waited for longer; a shorter wait than kLeastPause is not worth a timer.
  static constexpr absl::Duration kMaxPause = absl::Milliseconds(50);
  static constexpr absl::Duration kLeastPause = absl::Milliseconds(1);

  // Counts a change at `now`; returns how long its delivery may wait.
  absl::Duration Note(base::Instant now);
  // Since its making began, how long what took `making` is not made again; 0: it may be at once.
  static absl::Duration PauseAfter(absl::Duration making);
  // A delivery to that many watchers began, and was in the hands of their streams at `made`. What
  // that took beyond half of what the messages are given was for making it.
  void Delivered(size_t messages, base::Instant begun, base::Instant made);

 private:
  static absl::Duration Bounded(absl::Duration pause);

  base::Instant free_at_;
  double recent_ = 0;
  base::Instant last_;
};

}  // namespace rollcall::feed
