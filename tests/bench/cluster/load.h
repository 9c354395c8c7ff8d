// Load: keeps a number of operations under way for a while, and counts those that ended well.
//
// A closed loop: each of `callers` begins its next operation when the last one has ended, as so
// many clients that wait for their answers do.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace rollcall::bench {

// Begins operation number `n`; `done(error)` ends it, empty if it went well.
using Done = absl::AnyInvocable<void(std::string error)>;
using Operation = std::function<void(uint64_t n, Done done)>;

struct LoadResult {
  uint64_t done = 0;
  uint64_t failed = 0;
  std::string first_error;
  absl::Duration took;
  double per_second() const { return static_cast<double>(done) / absl::ToDoubleSeconds(took); }
};

// Blocks for `time`, and until the operations under way have ended. Numbers begin at `first`.
LoadResult RunLoad(int callers, absl::Duration time, uint64_t first, const Operation& operation);

// Processor time that a process has used so far, user and system.
absl::Duration CpuOf(int pid);
// The same by the names of its threads; a thread that has ended is in none.
std::map<std::string, absl::Duration> CpuByThread(int pid);

}  // namespace rollcall::bench
