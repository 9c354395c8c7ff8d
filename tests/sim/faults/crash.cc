// A node's process is killed and its machine loses power; it starts again after a while.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kCrash = {"crash",
                     "NODE for SECONDS",
                     Verb::Kind::kFault,
                     20,
                     [](const Draw& draw) {
                       // One in three is back when its sessions are judged as orphans: a lease and
                       // TTL/3 later.
                       const bool then = draw.random.Below(3) == 0;
                       return draw.NodeFor(absl::Seconds(then ? 8 : 0),
                                           absl::Seconds(then ? 10 : 25));
                     },
                     [](World& world, const Words& words) {
                       AtNode(
                           world, words, "crash", [](SimClusterNode& node) { node.Crash(); },
                           [&world](SimClusterNode& node) { world.StartNode(node); });
                     }};

}  // namespace rollcall::sim
