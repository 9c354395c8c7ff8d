// A process crashes and is started again, several times.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kFlap = {"flap",
                    "INSTANCE TIMES",
                    Verb::Kind::kWork,
                    5,
                    [](const Draw& draw) -> Words {
                      return {draw.Instance(), std::to_string(2 + draw.random.Below(4))};
                    },
                    [](World& world, const Words& words) {
                      for (int i = 0; i < std::stoi(words[1]); ++i) {
                        world.After(absl::Seconds(2 * i), [&world, name = words[0]] {
                          if (Process* process = world.Newest(name)) world.Kill(*process);
                        });
                        world.After(absl::Seconds(2 * i + 1), [&world, name = words[0]] {
                          Process* const before = world.Newest(name);
                          if (before == nullptr) return;
                          world.Begin(before->service, before->id, before->zone, before->watches);
                        });
                      }
                    }};

}  // namespace rollcall::sim
