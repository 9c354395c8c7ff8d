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
                        OperatorCommand command = CommandFor(words[0]);
                        command.removes = true;
                        world.Operate(NodeOf(world, words[2]), std::move(command));
                      }};

}  // namespace rollcall::sim
