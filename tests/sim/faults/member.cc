// A member of etcd is away for a while; two at once and quorum is lost.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kMember = {"etcd-member-down",
                      "MEMBER for SECONDS",
                      Verb::Kind::kFault,
                      6,
                      [](const Draw& draw) -> Words {
                        Words words = draw.For(absl::Seconds(1), absl::Seconds(20));
                        words.insert(words.begin(), std::to_string(draw.random.Below(3)));
                        return words;
                      },
                      [](World& world, const Words& words) {
                        const absl::Duration duration = DurationOf(words);
                        const int member = std::stoi(words[0]);
                        world.TroubleFor(duration + kAftermathOfANode);
                        world.etcd().SetMemberUp(member, false);
                        world.After(duration,
                                    [&world, member] { world.etcd().SetMemberUp(member, true); });
                      }};

}  // namespace rollcall::sim
