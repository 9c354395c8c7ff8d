// A process dies (SIGKILL).
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kKill = {"kill",
                    "INSTANCE",
                    Verb::Kind::kWork,
                    14,
                    [](const Draw& draw) -> Words { return {draw.Instance()}; },
                    [](World& world, const Words& words) {
                      Process* const process = world.Newest(words[0]);
                      if (process != nullptr) world.Kill(*process);
                    }};

}  // namespace rollcall::sim
