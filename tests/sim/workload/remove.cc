// An operator removes an instance, as one whose owner cannot be reached; the owner may live.
#include <utility>

#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kRemove = {"remove",
                      "INSTANCE by NODE",
                      Verb::Kind::kAdded,
                      4,
                      [](const Draw& draw) -> Words {
                        return {draw.Instance(), "by", draw.Node()};
                      },
                      [](World& world, const Words& words) {
                        OperatorCommand command;
                        const size_t slash = words[0].find('/');
                        command.service = words[0].substr(0, slash);
                        command.id = words[0].substr(slash + 1);
                        command.removes = true;
                        world.Operate(NodeOf(world, words[2]), std::move(command));
                      }};

}  // namespace rollcall::sim
