// Some processes of a zone die at once, of one service after the other: where the zone is large,
// too few for the eviction brake.
#include "absl/strings/str_cat.h"
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kSomeDie = {
    "some-die",
    "ZONE count=N",
    Verb::Kind::kNewer,
    6,
    [](const Draw& draw) -> Words {
      return {draw.Zone(), absl::StrCat("count=", 2 + draw.random.Below(7))};
    },
    [](World& world, const Words& words) {
      int left = NumberOf(words, "count", 2);
      for (const auto& process : world.processes()) {
        if (left == 0) break;
        if (!process->alive || !process->registers() || process->zone != words[0]) continue;
        world.Kill(*process);
        --left;
      }
    }};

}  // namespace rollcall::sim
