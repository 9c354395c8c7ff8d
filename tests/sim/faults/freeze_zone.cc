// All processes of a zone are stopped (SIGSTOP) and go on later, as when a hypervisor is
// overloaded.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kFreezeZone = {
    "freeze-zone",
    "ZONE for SECONDS",
    Verb::Kind::kFault,
    10,
    [](const Draw& draw) -> Words {
      Words words = draw.For(absl::Seconds(1), absl::Seconds(20));
      words.insert(words.begin(), draw.Zone());
      return words;
    },
    [](World& world, const Words& words) {
      const absl::Duration duration = DurationOf(words);
      for (const auto& process : world.processes()) {
        if (!process->alive || process->zone != words[0]) continue;
        Hamper(world, *process, duration);
        process->client->SetFrozen(true);
        world.After(duration, [process = process.get()] { process->client->SetFrozen(false); });
      }
    }};

}  // namespace rollcall::sim
