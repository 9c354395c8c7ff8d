// A node is away until etcd has forgotten what it missed, and its way to etcd is slow when it is
// back: it loads everything, page by page, while others write.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kSlowLoad = {
    "slow-load",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    8,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(1), absl::Seconds(15)); },
    [](World& world, const Words& words) {
      SimClusterNode& node = NodeOf(world, words[0]);
      const absl::Duration duration = DurationOf(words);
      world.TroubleFor(duration + absl::Seconds(15) + kAftermathOfANode);
      node.Crash();
      node.SetChances(
          {.delay_least = absl::Milliseconds(200), .delay_most = absl::Milliseconds(600)});
      world.After(duration, [&world, &node] {
        world.etcd().Compact(world.etcd().revision()).IgnoreError();
        world.StartNode(node);
      });
      world.After(duration + absl::Seconds(15), [&node] { node.SetChances({}); });
    }};

}  // namespace rollcall::sim
