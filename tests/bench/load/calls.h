// Calls made one after the other, and what came of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "tests/bench/load/loop.h"
#include "tests/bench/measure/histogram.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

struct CallsResult {
  uint64_t done = 0;
  uint64_t failed = 0;
  std::string first_error;
  absl::Duration took;
  Histogram latencies;

  double per_second() const { return static_cast<double>(done) / absl::ToDoubleSeconds(took); }
};

// A closed loop: `outstanding` calls at the same time, each followed by the next, for so long.
// `next` is the number of the next call, before and after.
CallsResult KeepCalling(Loop& loop, Caller& caller, int outstanding, absl::Duration time,
                        uint64_t& next);

// An open loop: calls at a steady rate, whatever becomes of them. Latencies are from the moment
// that a call was meant to be made, so a server that stalls is charged for all who wait.
CallsResult CallAtRate(Loop& loop, Caller& caller, double per_second, absl::Duration time,
                       uint64_t& next);

// `count` calls, at most `outstanding` of them at the same time.
CallsResult CallTimes(Loop& loop, Caller& caller, uint64_t count, int outstanding, uint64_t& next);

// Calls `call(n, done)` for n = 0, 1, … `count` - 1, at most `outstanding` of them at the same
// time; throws the first error. For what must be there before a work begins.
using CallFunction = std::function<void(uint64_t n, Done done)>;
void CallEach(Loop& loop, uint64_t count, int outstanding, CallFunction call);

// How long calls that were begun may take to end before the work is given up.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// Calls `task(i, intended)` for i = 0, 1, … `count` - 1 at a steady rate from now on, and turns the
// loop between.
void Pace(Loop& loop, double per_second, uint64_t count,
          const std::function<void(uint64_t i, absl::Time intended)>& task);

}  // namespace rollcall::bench
