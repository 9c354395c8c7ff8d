// A process ends in good order: it drains and deregisters.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kLeave = {"leave",
                     "INSTANCE",
                     Verb::Kind::kWork,
                     8,
                     [](const Draw& draw) -> Words { return {draw.Instance()}; },
                     [](World& world, const Words& words) {
                       Process* const process = world.Newest(words[0]);
                       if (process != nullptr) world.Stop(*process);
                     }};

}  // namespace rollcall::sim
