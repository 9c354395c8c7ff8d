// An operator drains an instance, takes it out of service, or lets it back.
#include <utility>
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kOverride = {"override",
                        "INSTANCE drain|out|clear by NODE",
                        Verb::Kind::kWork,
                        14,
                        [](const Draw& draw) -> Words {
                          static constexpr const char* kWhat[] = {"drain", "out", "clear", "clear"};
                          return {draw.Instance(), kWhat[draw.random.Below(4)], "by", draw.Node()};
                        },
                        [](World& world, const Words& words) {
                          OperatorCommand command = CommandFor(words[0]);
                          command.clears = words[1] == "clear";
                          command.mode = words[1] == "drain" ? v1::OVERRIDE_MODE_DRAINING
                                                             : v1::OVERRIDE_MODE_OUT_OF_SERVICE;
                          if (command.clears) command.mode = v1::OVERRIDE_MODE_UNSPECIFIED;
                          world.Operate(NodeOf(world, words[3]), std::move(command));
                        }};

}  // namespace rollcall::sim
