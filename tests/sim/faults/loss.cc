// The network between a zone and a node is slow and loses packets; streams are held up by them.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kLoss = {"packets-lost",
                    "ZONE NODE|all both|up|down for SECONDS",
                    Verb::Kind::kFault,
                    8,
                    [](const Draw& draw) -> Words {
                      Words words = draw.For(absl::Seconds(1), absl::Seconds(30));
                      words.insert(words.begin(), "both");
                      words.insert(words.begin(), draw.random.Below(3) == 0 ? "all" : draw.Node());
                      words.insert(words.begin(), draw.random.Below(3) == 0 ? "all" : draw.Zone());
                      return words;
                    },
                    [](World& world, const Words& words) {
                      const absl::Duration duration = DurationOf(words);
                      world.TroubleFor(duration + kAftermathOfANode);
                      for (Path* way : WaysBetween(world, words[0], words[1], words[2], duration)) {
                        way->SetLoss(0.2);
                        way->SetSlower(absl::Milliseconds(20));
                      }
                      world.After(duration, [&world, words] {
                        for (Path* way : WaysBetween(world, words[0], words[1], words[2], {})) {
                          way->SetLoss(0);
                          way->SetSlower(absl::ZeroDuration());
                        }
                      });
                    }};

}  // namespace rollcall::sim
