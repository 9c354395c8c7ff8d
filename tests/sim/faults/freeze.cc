// A node's process is stopped (SIGSTOP) and goes on later.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kFreeze = {"freeze",
                      "NODE for SECONDS",
                      Verb::Kind::kFault,
                      18,
                      [](const Draw& draw) -> Words {
                        Words words = draw.For(absl::Milliseconds(100), absl::Seconds(25));
                        words.insert(words.begin(), draw.Node());
                        return words;
                      },
                      [](World& world, const Words& words) {
                        SimClusterNode& node = NodeOf(world, words[0]);
                        const absl::Duration duration = DurationOf(words);
                        world.TroubleFor(duration + kAftermathOfANode);
                        node.SetFrozen(true);
                        world.After(duration, [&world, &node] {
                          world.Say(node.id() + ": freeze is over");
                          node.SetFrozen(false);
                        });
                      }};

}  // namespace rollcall::sim
