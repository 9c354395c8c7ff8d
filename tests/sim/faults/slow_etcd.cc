// A node's way to etcd is slow.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kSlowEtcd = {
    "etcd-slow",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    14,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(1), absl::Seconds(30)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "etcd-slow",
          [](SimClusterNode& node) {
            node.SetChances(
                {.delay_least = absl::Milliseconds(200), .delay_most = absl::Milliseconds(1200)});
          },
          [](SimClusterNode& node) { node.SetChances({}); });
    }};

}  // namespace rollcall::sim
