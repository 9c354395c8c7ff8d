// A rolling upgrade: each process in turn ends in good order and is replaced a second later.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kRoll = {"roll",
                    "SERVICE",
                    Verb::Kind::kByHand,
                    0,
                    [](const Draw& draw) -> Words {
                      (void)draw;
                      return {};
                    },
                    [](World& world, const Words& words) {
                      int step = 0;
                      for (const auto& process : world.processes()) {
                        if (!process->stays() || process->service != words[0]) continue;
                        world.After(absl::Seconds(step),
                                    [&world, process = process.get()] { world.Stop(*process); });
                        world.After(absl::Seconds(step + 1), [&world, process = process.get()] {
                          world.Begin(process->service, process->id, process->zone,
                                      process->watches);
                        });
                        ++step;
                      }
                    }};

}  // namespace rollcall::sim
