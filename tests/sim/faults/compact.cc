// etcd forgets all that was before now, sooner than it was asked to.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kCompact = {"compact",
                       "",
                       Verb::Kind::kFault,
                       8,
                       [](const Draw& draw) -> Words {
                         (void)draw;
                         return {};
                       },
                       [](World& world, const Words& words) {
                         (void)words;
                         // Refused where that was done already.
                         world.etcd().Compact(world.etcd().revision()).IgnoreError();
                       }};

}  // namespace rollcall::sim
