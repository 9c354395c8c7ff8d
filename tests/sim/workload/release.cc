// An operator lets held evictions go on.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kRelease = {"release-brakes",
                       "SERVICE",
                       Verb::Kind::kAdded,
                       2,
                       [](const Draw& draw) -> Words {
                         const std::string instance = draw.Instance();
                         return {instance.substr(0, instance.find('/'))};
                       },
                       [](World& world, const Words& words) { world.ReleaseBrakes(words[0]); }};

}  // namespace rollcall::sim
