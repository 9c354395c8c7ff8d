#include "tests/bench/works/all.h"

namespace rollcall::bench {

std::vector<Work> AllWorks() {
  return {RegisterWork(), RegisterBatchWork(), HeartbeatsWork(),  HeartbeatFloodWork(),
          ResolveWork(),  FanOut1000Work(),    FanOut10000Work(), ChangesWork(),
          CrashWork(),    FreezeWork(),        StormWork(),       ExpiryWork(),
          RestartWork(),  MemoryWork(),        GrowthWork()};
}

}  // namespace rollcall::bench
