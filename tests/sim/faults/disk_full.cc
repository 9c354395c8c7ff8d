// A node's disk takes nothing for a while.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kDiskFull = {
    "disk-full",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    5,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(1), absl::Seconds(20)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "disk-full", [](SimClusterNode& node) { node.SetDiskFull(true); },
          [](SimClusterNode& node) { node.SetDiskFull(false); });
    }};

}  // namespace rollcall::sim
