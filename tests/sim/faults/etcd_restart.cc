// All members of etcd are started anew.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kEtcdRestart = {"etcd-restart",
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
                             world.etcd().Restart();
                           }};

}  // namespace rollcall::sim
