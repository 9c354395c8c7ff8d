// The connections of clients to a node break at the moment in which it loses etcd, and no other
// node can be reached: it suspects them, gets no answer, and they come back to it meanwhile.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kLateSuspicion = {
    "late-suspicion",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    8,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(12), absl::Seconds(25)); },
    [](World& world, const Words& words) {
      SimClusterNode& node = NodeOf(world, words[0]);
      const absl::Duration duration = DurationOf(words);
      world.TroubleFor(duration + kAftermathOfANode);
      node.SetReach(etcd::Reach::kSilent);
      for (const auto& process : world.processes()) {
        if (process->alive) process->client->transport().CutConnections(node.address());
      }
      for (const auto& other : world.nodes()) {
        if (other.get() == &node) continue;
        for (Path* way : WaysBetween(world, "all", other->id(), "both", duration)) way->Block();
      }
      world.After(duration, [&world, &node] {
        node.SetReach(etcd::Reach::kOpen);
        for (Path* way : WaysBetween(world, "all", "all", "both", {})) way->Heal(world.queue());
      });
    }};

}  // namespace rollcall::sim
