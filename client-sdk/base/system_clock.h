// SystemClock: the machine's own clocks. Only main functions and the SDK's Client make one.
#pragma once

#include "client-sdk/base/clock.h"

namespace rollcall::base {

class SystemClock final : public Clock {
 public:
  Instant Steady() const override;
  absl::Time Wall() const override;
};

}  // namespace rollcall::base
