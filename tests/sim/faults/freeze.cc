// A node's process is stopped (SIGSTOP) and goes on later.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kFreeze = {
    "freeze",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    18,
    [](const Draw& draw) { return draw.NodeFor(absl::Milliseconds(100), absl::Seconds(25)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "freeze", [](SimClusterNode& node) { node.SetFrozen(true); },
          [](SimClusterNode& node) { node.SetFrozen(false); });
    }};

}  // namespace rollcall::sim
