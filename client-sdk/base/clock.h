// Clock: where components get the time from; main makes the real one, tests and the simulator
// make their own.
//
// Thread-safe.
#pragma once

#include "absl/time/time.h"
#include "client-sdk/base/instant.h"

namespace rollcall::base {

class Clock {
 public:
  virtual ~Clock() = default;
  // For deadlines and intervals; never goes back.
  virtual Instant Steady() const = 0;
  // For records, logs and people; may jump.
  virtual absl::Time Wall() const = 0;
};

}  // namespace rollcall::base
