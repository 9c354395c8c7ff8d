// AccountedClock: the accounted time of this node, readable by everyone.
//
// Tick() moves it, on the health executor; between ticks a reader is given an estimate that is
// never behind what the next tick will make of that instant by more than a tick's rounding, so that
// a heartbeat is never booked earlier than it came. RecordSelfBeat and Read are thread-safe and do
// not block. See policy/accounted_time.h for what accounted time is.
#pragma once

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "server/health/policy/accounted_time.h"

namespace rollcall::health {

class AccountedClock {
 public:
  struct Reading {
    base::Instant steady;
    base::Instant accounted;
  };

  AccountedClock(const base::Clock& clock, absl::Duration tick);

  Reading Read() const;
  void RecordSelfBeat(base::Instant steady) { self_beat_ns_ = ToNanos(steady); }

  // On the health executor.
  base::Instant Tick();
  // While stopped (the store cannot be reached), no time is counted.
  void SetRunning(bool running);
  bool running() const { return running_; }
  base::Instant now() const { return time_.now(); }
  absl::Duration tick() const { return tick_; }

  static int64_t ToNanos(base::Instant t) { return absl::ToInt64Nanoseconds(t.SinceOrigin()); }
  static base::Instant FromNanos(int64_t ns) {
    return base::Instant::FromOrigin(absl::Nanoseconds(ns));
  }

 private:
  void Publish(base::Instant real);

  const base::Clock& clock_;
  const absl::Duration tick_;

  std::atomic<int64_t> self_beat_ns_;
  std::atomic<int64_t> accounted_ns_;  // at the last tick
  std::atomic<int64_t> behind_ns_{0};  // real time minus accounted time, at the last tick
  std::atomic<bool> running_{true};

  AccountedTime time_;  // health executor
};

}  // namespace rollcall::health
