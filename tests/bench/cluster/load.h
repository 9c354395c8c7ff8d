// Load: keeps a number of operations under way for a while, and counts those that ended well.
//
// A closed loop: each of `callers` begins its next operation when the last one has ended, as so
// many clients that wait for their answers do. One thread turns the one completion queue of all of
// them, and makes their requests: what the load takes is taken from those who are measured.
#pragma once

#include <grpcpp/completion_queue.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace rollcall::bench {

// What is told when gRPC is done with a call: the tag that it was started with.
class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Done() = 0;
};

// Begins operation number `n` on the queue, with tags; `done(error)` ends it, empty if it went
// well.
using Done = absl::AnyInvocable<void(std::string error)>;
using Operation = std::function<void(uint64_t n, grpc::CompletionQueue& queue, Done done)>;

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
