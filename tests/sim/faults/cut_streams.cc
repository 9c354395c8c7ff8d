// The connections between the processes of a zone and a node break once. That alone costs nobody
// his session, whatever else is wrong: the node that was well is asked again before all others.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kCutStreams = {
    "cut-streams",
    "ZONE NODE|all",
    Verb::Kind::kFault,
    12,
    [](const Draw& draw) -> Words {
      return {draw.random.Below(3) == 0 ? "all" : draw.Zone(),
              draw.random.Below(3) == 0 ? "all" : draw.Node()};
    },
    [](World& world, const Words& words) {
      world.TroubleFor(kAftermathOfANode);
      for (const auto& process : world.processes()) {
        if (!process->alive || (words[0] != "all" && process->zone != words[0])) continue;
        for (const auto& node : world.nodes()) {
          if (words[1] != "all" && node->id() != words[1]) continue;
          process->client->transport().CutConnections(node->address());
        }
      }
    }};

}  // namespace rollcall::sim
