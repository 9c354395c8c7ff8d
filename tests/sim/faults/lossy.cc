// Calls to etcd are lost, cut before and after they were carried out, or carried out late.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kLossy = {
    "etcd-lossy",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    12,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(1), absl::Seconds(30)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "etcd-lossy",
          [](SimClusterNode& node) {
            node.SetChances({.cut_before = 0.03,
                             .cut_after = 0.05,
                             .lost_before = 0.03,
                             .lost_after = 0.05,
                             .late = 0.03,
                             .busy = 0.05,
                             .delay_least = absl::Milliseconds(1),
                             .delay_most = absl::Milliseconds(300)});
          },
          [](SimClusterNode& node) { node.SetChances({}); });
    }};

}  // namespace rollcall::sim
