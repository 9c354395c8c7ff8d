// Nothing comes through between a node and etcd, either way.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kSilent = {"etcd-silent",
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
                        node.SetReach(etcd::Reach::kSilent);
                        world.After(duration, [&world, &node] {
                          world.Say(node.id() + ": etcd-silent is over");
                          node.SetReach(etcd::Reach::kOpen);
                        });
                      }};

}  // namespace rollcall::sim
