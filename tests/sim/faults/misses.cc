// A node's watch misses the next change of a record, as by a bug of etcd or of ours: from then on
// the node holds what the store does not, until an audit finds it.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kMisses = {
    "misses",
    "NODE KEY",
    Verb::Kind::kByHand,
    0,
    [](const Draw& draw) -> Words {
      (void)draw;
      return {};
    },
    [](World& world, const Words& words) { NodeOf(world, words[0]).MissNext(words[1]); }};

}  // namespace rollcall::sim
