// A node's disk takes nothing for a while.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kDiskFull = {"disk-full",
                        "NODE for SECONDS",
                        Verb::Kind::kFault,
                        5,
                        [](const Draw& draw) -> Words {
                          Words words = draw.For(absl::Seconds(1), absl::Seconds(20));
                          words.insert(words.begin(), draw.Node());
                          return words;
                        },
                        [](World& world, const Words& words) {
                          SimClusterNode& node = NodeOf(world, words[0]);
                          const absl::Duration duration = DurationOf(words);
                          world.TroubleFor(duration + kAftermathOfANode);
                          node.SetDiskFull(true);
                          world.After(duration, [&world, &node] {
                            world.Say(node.id() + ": disk-full is over");
                            node.SetDiskFull(false);
                          });
                        }};

}  // namespace rollcall::sim
