// A node is told to stop in good order (SIGTERM), as in a rolling upgrade, and starts again.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kStopNode = {
    "stop-node",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    10,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(5), absl::Seconds(15)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "stop-node", [](SimClusterNode& node) { node.Stop(); },
          [&world](SimClusterNode& node) {
            if (node.running()) node.Crash();
            world.StartNode(node);
          });
    }};

}  // namespace rollcall::sim
