// Processes start, each an instance of one service.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kFleet = {"fleet",
                     "SERVICE COUNT [zones=N] [watches=SERVICE] [watchers=N]",
                     Verb::Kind::kByHand,
                     0,
                     [](const Draw& draw) -> Words {
                       (void)draw;
                       return {};
                     },
                     [](World& world, const Words& words) {
                       const int count = std::stoi(words[1]);
                       const int zones = NumberOf(words, "zones", 1);
                       // As many of them watch; all, if it is not said.
                       const int watchers = NumberOf(words, "watchers", count);
                       const std::string watches = ValueOf(words, "watches", words[0]);
                       for (int i = 0; i < count; ++i) {
                         world.Begin(words[0], std::to_string(i), "z" + std::to_string(i % zones),
                                     i < watchers ? watches : "");
                       }
                     }};

}  // namespace rollcall::sim
