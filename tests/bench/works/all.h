// Every work of the bench: one file each, named like its function.
#pragma once

#include <vector>

#include "tests/bench/works/run.h"

namespace rollcall::bench {

Work RegisterWork();
Work RegisterBatchWork();
Work HeartbeatsWork();
Work HeartbeatFloodWork();
Work ResolveWork();
Work FanOut1000Work();
Work FanOut10000Work();
Work ChangesWork();
Work CrashWork();
Work FreezeWork();
Work StormWork();
Work ExpiryWork();
Work RestartWork();
Work MemoryWork();
Work GrowthWork();

// In the order of the table in docs/performance.md.
std::vector<Work> AllWorks();

}  // namespace rollcall::bench
