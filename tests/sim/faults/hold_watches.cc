// A node's watch of etcd tells nothing for a while, as that of a member that lags.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kHoldWatches = {
    "watch-lags",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    8,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(0), absl::Seconds(15)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "watch-lags", [](SimClusterNode& node) { node.HoldWatches(true); },
          [](SimClusterNode& node) { node.HoldWatches(false); });
    }};

}  // namespace rollcall::sim
