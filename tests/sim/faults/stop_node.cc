// A node is told to stop in good order (SIGTERM), as in a rolling upgrade, and starts again.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kStopNode = {"stop-node",
                        "NODE for SECONDS",
                        Verb::Kind::kFault,
                        10,
                        [](const Draw& draw) -> Words {
                          Words words = draw.For(absl::Seconds(5), absl::Seconds(15));
                          words.insert(words.begin(), draw.Node());
                          return words;
                        },
                        [](World& world, const Words& words) {
                          SimClusterNode& node = NodeOf(world, words[0]);
                          const absl::Duration duration = DurationOf(words);
                          world.TroubleFor(duration + kAftermathOfANode);
                          node.Stop();
                          world.After(duration, [&world, &node] {
                            world.Say(node.id() + ": stop-node is over");
                            if (node.running()) node.Crash();
                            world.StartNode(node);
                          });
                        }};

}  // namespace rollcall::sim
