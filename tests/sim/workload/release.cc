// An operator lets held evictions go on.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kRelease = {"release-brakes",
                       "SERVICE",
                       Verb::Kind::kByHand,
                       0,
                       [](const Draw& draw) -> Words {
                         (void)draw;
                         return {};
                       },
                       [](World& world, const Words& words) { world.ReleaseBrakes(words[0]); }};

}  // namespace rollcall::sim
