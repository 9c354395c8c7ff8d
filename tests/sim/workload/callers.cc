// Processes start that only watch a service, and pick from it.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kCallers = {"callers",
                       "SERVICE COUNT [zones=N]",
                       Verb::Kind::kByHand,
                       0,
                       [](const Draw& draw) -> Words {
                         (void)draw;
                         return {};
                       },
                       [](World& world, const Words& words) {
                         const int zones = NumberOf(words, "zones", 1);
                         for (int i = 0; i < std::stoi(words[1]); ++i) {
                           world.Begin("", "", "z" + std::to_string(i % zones), words[0]);
                         }
                       }};

}  // namespace rollcall::sim
