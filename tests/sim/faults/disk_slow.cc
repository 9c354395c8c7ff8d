// Each write of a node's disk takes long for a while; what waits for it may outgrow its limit.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kDiskSlow = {
    "disk-slow",
    "NODE for SECONDS",
    Verb::Kind::kAdded,
    4,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(1), absl::Seconds(25)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "disk-slow",
          [](SimClusterNode& node) { node.SetDiskTime(absl::Milliseconds(1500)); },
          [](SimClusterNode& node) { node.SetDiskTime(absl::ZeroDuration()); });
    }};

}  // namespace rollcall::sim
