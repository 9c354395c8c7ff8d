// What died in a zone is started again.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kZoneReturns = {
    "zone-returns",
    "ZONE",
    Verb::Kind::kWork,
    3,
    [](const Draw& draw) -> Words { return {draw.Zone()}; },
    [](World& world, const Words& words) {
      for (size_t i = 0, count = world.processes().size(); i < count; ++i) {
        const Process& process = *world.processes()[i];
        if (!process.registers() || process.zone != words[0] || process.superseded) continue;
        if (process.alive && !process.stopping) continue;
        world.Begin(process.service, process.id, process.zone, process.watches);
      }
    }};

}  // namespace rollcall::sim
