// A node cannot connect to etcd.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kRefused = {
    "etcd-refuses",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    8,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(0), absl::Seconds(25)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "etcd-refuses",
          [](SimClusterNode& node) { node.SetReach(etcd::Reach::kRefused); },
          [](SimClusterNode& node) { node.SetReach(etcd::Reach::kOpen); });
    }};

}  // namespace rollcall::sim
