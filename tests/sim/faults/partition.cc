// The processes of a zone cannot reach a node, in one direction or both. What waits on the way
// arrives when that is over.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kPartition = {
    "partition",
    "ZONE NODE|all both|up|down for SECONDS",
    Verb::Kind::kFault,
    16,
    [](const Draw& draw) -> Words {
      static constexpr const char* kDirections[] = {"both", "both", "up", "down"};
      Words words =
          draw.For(absl::Milliseconds(100), absl::Seconds(draw.random.Below(6) == 0 ? 80 : 25));
      words.insert(words.begin(), kDirections[draw.random.Below(4)]);
      words.insert(words.begin(), draw.random.Below(4) == 0 ? "all" : draw.Node());
      words.insert(words.begin(), draw.random.Below(3) == 0 ? "all" : draw.Zone());
      return words;
    },
    [](World& world, const Words& words) {
      const absl::Duration duration = DurationOf(words);
      world.TroubleFor(duration + kAftermathOfANode);
      for (Path* way : WaysBetween(world, words[0], words[1], words[2], duration)) way->Block();
      world.After(duration, [&world, words] {
        for (Path* way : WaysBetween(world, words[0], words[1], words[2], {})) {
          way->Heal(world.queue());
        }
      });
    }};

}  // namespace rollcall::sim
