// A node cannot connect to etcd.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kRefused = {"etcd-refuses",
                       "NODE for SECONDS",
                       Verb::Kind::kFault,
                       8,
                       [](const Draw& draw) -> Words {
                         Words words = draw.For(absl::Seconds(0), absl::Seconds(25));
                         words.insert(words.begin(), draw.Node());
                         return words;
                       },
                       [](World& world, const Words& words) {
                         SimClusterNode& node = NodeOf(world, words[0]);
                         const absl::Duration duration = DurationOf(words);
                         world.TroubleFor(duration + kAftermathOfANode);
                         node.SetReach(etcd::Reach::kRefused);
                         world.After(duration, [&world, &node] {
                           world.Say(node.id() + ": etcd-refuses is over");
                           node.SetReach(etcd::Reach::kOpen);
                         });
                       }};

}  // namespace rollcall::sim
