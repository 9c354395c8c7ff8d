// Nothing comes through between a node and etcd, either way.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kSilent = {
    "etcd-silent",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    8,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(0), absl::Seconds(25)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "etcd-silent",
          [](SimClusterNode& node) { node.SetReach(etcd::Reach::kSilent); },
          [](SimClusterNode& node) { node.SetReach(etcd::Reach::kOpen); });
    }};

}  // namespace rollcall::sim
