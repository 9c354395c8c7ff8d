// A new process runs as an instance.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kBegin = {"begin",
                     "INSTANCE",
                     Verb::Kind::kWork,
                     22,
                     [](const Draw& draw) -> Words { return {draw.Instance()}; },
                     [](World& world, const Words& words) {
                       // As the one before it, also while that still runs: a double.
                       Process* const before = world.Newest(words[0]);
                       if (before == nullptr) return;
                       world.Begin(before->service, before->id, before->zone, before->watches);
                     }};

}  // namespace rollcall::sim
