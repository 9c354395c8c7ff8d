// The connections between the processes of a zone and a node break once.
//
// While other nodes are in trouble a client may try those for so long that its TTL is over before
// it asks the one that is well again: it is taken for hampered then. (It should rather ask that one
// first; seed 1489 of "small" showed it.)
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
      const bool trouble = world.quiet_since() > world.now();
      world.TroubleFor(kAftermathOfANode);
      for (const auto& process : world.processes()) {
        if (!process->alive || (words[0] != "all" && process->zone != words[0])) continue;
        for (const auto& node : world.nodes()) {
          if (words[1] != "all" && node->id() != words[1]) continue;
          process->client->transport().CutConnections(node->address());
          if (!trouble) continue;
          Hamper(world, *process, absl::ZeroDuration());
        }
      }
    }};

}  // namespace rollcall::sim
