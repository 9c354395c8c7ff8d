// A node and the other nodes cannot reach each other; clients and etcd are not concerned.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kNodesApart = {
    "nodes-apart",
    "NODE for SECONDS",
    Verb::Kind::kAdded,
    6,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(1), absl::Seconds(40)); },
    [](World& world, const Words& words) {
      const std::string address = NodeOf(world, words[0]).address();
      const absl::Duration duration = DurationOf(words);
      world.TroubleFor(duration + kAftermathOfANode);
      world.peers().Part(address);
      world.After(duration, [&world, address] { world.peers().Rejoin(address, world.queue()); });
    }};

}  // namespace rollcall::sim
