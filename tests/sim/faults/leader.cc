// Another member of etcd leads.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kLeader = {"etcd-leader",
                      "",
                      Verb::Kind::kFault,
                      5,
                      [](const Draw& draw) -> Words {
                        (void)draw;
                        return {};
                      },
                      [](World& world, const Words& words) {
                        (void)words;
                        world.TroubleFor(kAftermathOfANode);
                        world.etcd().ChangeLeader();
                      }};

}  // namespace rollcall::sim
