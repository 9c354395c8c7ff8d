// Calls to etcd are lost, cut before and after they were carried out, or carried out late.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kLossy = {"etcd-lossy",
                     "NODE for SECONDS",
                     Verb::Kind::kFault,
                     12,
                     [](const Draw& draw) -> Words {
                       Words words = draw.For(absl::Seconds(1), absl::Seconds(30));
                       words.insert(words.begin(), draw.Node());
                       return words;
                     },
                     [](World& world, const Words& words) {
                       SimClusterNode& node = NodeOf(world, words[0]);
                       const absl::Duration duration = DurationOf(words);
                       world.TroubleFor(duration + kAftermathOfANode);
                       node.SetChances({.cut_before = 0.03,
                                        .cut_after = 0.05,
                                        .lost_before = 0.03,
                                        .lost_after = 0.05,
                                        .late = 0.03,
                                        .busy = 0.05,
                                        .delay_least = absl::Milliseconds(1),
                                        .delay_most = absl::Milliseconds(300)});
                       world.After(duration, [&world, &node] {
                         world.Say(node.id() + ": etcd-lossy is over");
                         node.SetChances({});
                       });
                     }};

}  // namespace rollcall::sim
