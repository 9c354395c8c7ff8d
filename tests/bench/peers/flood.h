// How a peer's crowd beats as fast as it goes: each client has a few heartbeats under way, and
// sends the next when one is answered.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "tests/bench/load/loop.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

// How many heartbeats were answered.
uint64_t FloodByAnswers(Loop& loop, Crowd& crowd, size_t clients, absl::Duration time);

}  // namespace rollcall::bench
