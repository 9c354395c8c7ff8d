// A node dies with clients that are stopped, so nobody takes its sessions over; it is back just
// about when the others, whose way to etcd is slow, judge them as orphans.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {
namespace {

constexpr absl::Duration kSlow = absl::Seconds(16);

}  // namespace

const Verb kOrphans = {
    "orphans",
    "NODE for SECONDS",
    Verb::Kind::kFault,
    8,
    [](const Draw& draw) { return draw.NodeFor(absl::Seconds(3), absl::Seconds(9)); },
    [](World& world, const Words& words) {
      SimClusterNode& node = NodeOf(world, words[0]);
      world.TroubleFor(kSlow + kAftermathOfANode);
      for (const auto& other : world.nodes()) {
        if (other.get() == &node) continue;
        other->SetChances(
            {.delay_least = absl::Milliseconds(400), .delay_most = absl::Milliseconds(1200)});
        world.After(kSlow, [&other = *other] { other.SetChances({}); });
      }
      for (const auto& process : world.processes()) {
        if (!process->alive) continue;
        Hamper(world, *process, kSlow);
        process->client->SetFrozen(true);
        world.After(kSlow, [process = process.get()] { process->client->SetFrozen(false); });
      }
      node.Crash();
      world.After(DurationOf(words), [&world, &node] { world.StartNode(node); });
    }};

}  // namespace rollcall::sim
