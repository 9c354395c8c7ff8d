// A node's connections to etcd break once.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kCutEtcd = {"etcd-cut",
                       "NODE",
                       Verb::Kind::kFault,
                       8,
                       [](const Draw& draw) -> Words { return {draw.Node()}; },
                       [](World& world, const Words& words) {
                         world.TroubleFor(kAftermathOfANode);
                         NodeOf(world, words[0]).CutConnections();
                       }};

}  // namespace rollcall::sim
