// What the processes of a zone ask comes to the nodes twice, the second time somewhat later: as by
// a proxy between them that tries again when it hears nothing.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kRequestsTwice = {
    "requests-twice",
    "ZONE|all for SECONDS",
    Verb::Kind::kNewer,
    6,
    [](const Draw& draw) -> Words {
      Words words = draw.For(absl::Seconds(1), absl::Seconds(30));
      words.insert(words.begin(), draw.random.Below(2) == 0 ? "all" : draw.Zone());
      return words;
    },
    [](World& world, const Words& words) {
      const auto each = [&world, zone = words[0]](absl::Duration later) {
        for (const auto& process : world.processes()) {
          if (!process->alive || (zone != "all" && process->zone != zone)) continue;
          process->client->transport().SendTwice(later);
        }
      };
      each(absl::Seconds(8));
      world.After(DurationOf(words), [each] { each(absl::ZeroDuration()); });
    }};

}  // namespace rollcall::sim
