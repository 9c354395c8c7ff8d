// A rolling upgrade: each process in turn ends in good order and is replaced a second later; one
// begins each second, or all within a time.
#include <algorithm>

#include "tests/sim/faults/all.h"

namespace rollcall::sim {
namespace {

absl::Duration StepOf(const Words& words, int processes) {
  if (words.size() < 2 || processes == 0) return absl::Seconds(1);
  return std::min(absl::Seconds(1), DurationOf(words) / processes);
}

}  // namespace

const Verb kRoll = {"roll",
                    "SERVICE [for SECONDS]",
                    Verb::Kind::kAdded,
                    3,
                    [](const Draw& draw) -> Words {
                      const std::string instance = draw.Instance();
                      return {instance.substr(0, instance.find('/')), "for", "10"};
                    },
                    [](World& world, const Words& words) {
                      std::vector<Process*> meant;
                      for (const auto& process : world.processes()) {
                        if (process->stays() && process->service == words[0])
                          meant.push_back(process.get());
                      }
                      const absl::Duration step = StepOf(words, static_cast<int>(meant.size()));
                      absl::Duration at;
                      for (Process* process : meant) {
                        world.After(at, [&world, process] { world.Stop(*process); });
                        at += step;
                        world.After(at - step + absl::Seconds(1), [&world, process] {
                          world.Begin(process->service, process->id, process->zone,
                                      process->watches);
                        });
                      }
                    }};

}  // namespace rollcall::sim
