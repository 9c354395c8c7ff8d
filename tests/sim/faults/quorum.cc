// The members of etcd cannot reach each other.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kQuorum = {
    "quorum-lost",
    "for SECONDS",
    Verb::Kind::kFault,
    12,
    [](const Draw& draw) -> Words { return draw.For(absl::Seconds(0), absl::Seconds(30)); },
    [](World& world, const Words& words) {
      const absl::Duration duration = DurationOf(words);
      world.TroubleFor(duration + kAftermathOfANode);
      world.etcd().SetQuorum(false);
      world.After(duration, [&world] { world.etcd().SetQuorum(true); });
    }};

}  // namespace rollcall::sim
