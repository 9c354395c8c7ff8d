// A node's watch of etcd tells nothing for a while, as that of a member that lags.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kHoldWatches = {"watch-lags",
                           "NODE for SECONDS",
                           Verb::Kind::kFault,
                           8,
                           [](const Draw& draw) -> Words {
                             Words words = draw.For(absl::Seconds(0), absl::Seconds(15));
                             words.insert(words.begin(), draw.Node());
                             return words;
                           },
                           [](World& world, const Words& words) {
                             SimClusterNode& node = NodeOf(world, words[0]);
                             const absl::Duration duration = DurationOf(words);
                             world.TroubleFor(duration + kAftermathOfANode);
                             node.HoldWatches(true);
                             world.After(duration, [&world, &node] {
                               world.Say(node.id() + ": watch-lags is over");
                               node.HoldWatches(false);
                             });
                           }};

}  // namespace rollcall::sim
