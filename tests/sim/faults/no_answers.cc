// What a node asks of etcd is done, and no answer comes back.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kNoAnswers = {
    "etcd-no-answers",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    8,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(0), absl::Seconds(25)); },
    [](World& world, const Words& words) {
      AtNode(
          world, words, "etcd-no-answers",
          [](SimClusterNode& node) { node.SetReach(etcd::Reach::kNoAnswers); },
          [](SimClusterNode& node) { node.SetReach(etcd::Reach::kOpen); });
    }};

}  // namespace rollcall::sim
