// A client's process is stopped (SIGSTOP) and goes on later.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kFreezeProcess = {
    "freeze-process",
    "INSTANCE for SECONDS",
    Verb::Kind::kFault,
    10,
    [](const Draw& draw) -> Words {
      Words words =
          draw.For(absl::Milliseconds(100), absl::Seconds(draw.random.Below(4) == 0 ? 90 : 25));
      words.insert(words.begin(), draw.Instance());
      return words;
    },
    [](World& world, const Words& words) {
      Process* const process = world.Newest(words[0]);
      if (process == nullptr || !process->alive) return;
      const absl::Duration duration = DurationOf(words);
      Hamper(world, *process, duration);
      process->client->SetFrozen(true);
      world.After(duration, [process] { process->client->SetFrozen(false); });
    }};

}  // namespace rollcall::sim
