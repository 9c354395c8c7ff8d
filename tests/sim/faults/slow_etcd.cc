// A node's way to etcd is slow.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kSlowEtcd = {"etcd-slow",
                        "NODE for SECONDS",
                        Verb::Kind::kFault,
                        14,
                        [](const Draw& draw) -> Words {
                          Words words = draw.For(absl::Seconds(1), absl::Seconds(30));
                          words.insert(words.begin(), draw.Node());
                          return words;
                        },
                        [](World& world, const Words& words) {
                          SimClusterNode& node = NodeOf(world, words[0]);
                          const absl::Duration duration = DurationOf(words);
                          world.TroubleFor(duration + kAftermathOfANode);
                          node.SetChances({.delay_least = absl::Milliseconds(200),
                                           .delay_most = absl::Milliseconds(1200)});
                          world.After(duration, [&world, &node] {
                            world.Say(node.id() + ": etcd-slow is over");
                            node.SetChances({});
                          });
                        }};

}  // namespace rollcall::sim
