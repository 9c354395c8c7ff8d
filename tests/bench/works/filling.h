// Filling: a side with many instances, in sessions of 100.
#pragma once

#include <memory>

#include "tests/bench/works/common.h"

namespace rollcall::bench {

inline constexpr int kInstancesPerSession = 100;

// Registers so many instances with the numbers from `next` on; throws if one is refused. False if
// the side cannot.
bool Fill(Run& run, Side& side, int instances, uint64_t& next);

}  // namespace rollcall::bench
