// All processes of a zone that register something die at once.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kZoneDies = {"zone-dies",
                        "ZONE [SERVICE]",
                        Verb::Kind::kWork,
                        2,
                        [](const Draw& draw) -> Words { return {draw.Zone()}; },
                        [](World& world, const Words& words) {
                          for (size_t i = 0; i < world.processes().size(); ++i) {
                            Process& process = *world.processes()[i];
                            const bool meant = words.size() < 2 || process.service == words[1];
                            if (process.registers() && process.zone == words[0] && meant)
                              world.Kill(process);
                          }
                        }};

}  // namespace rollcall::sim
