// A node's process is killed and its machine loses power; it starts again after a while.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kCrash = {"crash",
                     "NODE for SECONDS",
                     Verb::Kind::kFault,
                     20,
                     [](const Draw& draw) -> Words {
                       // One in three is back when its sessions are judged as orphans: a lease and
                       // TTL/3 later.
                       const bool then = draw.random.Below(3) == 0;
                       Words words =
                           draw.For(absl::Seconds(then ? 8 : 0), absl::Seconds(then ? 10 : 25));
                       words.insert(words.begin(), draw.Node());
                       return words;
                     },
                     [](World& world, const Words& words) {
                       SimClusterNode& node = NodeOf(world, words[0]);
                       const absl::Duration duration = DurationOf(words);
                       world.TroubleFor(duration + kAftermathOfANode);
                       node.Crash();
                       world.After(duration, [&world, &node] {
                         world.Say(node.id() + ": crash is over");
                         world.StartNode(node);
                       });
                     }};

}  // namespace rollcall::sim
