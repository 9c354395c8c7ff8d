// Two operators disagree: one takes an instance out, and the answer of the store is lost; the
// other, at another node, lets it back before the first node can ask again what became of its
// write.
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kOverrideRace = {"override-race",
                            "INSTANCE by NODE NODE",
                            Verb::Kind::kWork,
                            8,
                            [](const Draw& draw) -> Words {
                              return {draw.Instance(), "by", draw.Node(), draw.Node()};
                            },
                            [](World& world, const Words& words) {
                              SimClusterNode& first = NodeOf(world, words[2]);
                              SimClusterNode& second = NodeOf(world, words[3]);
                              world.TroubleFor(kAftermathOfANode);
                              first.LoseNextAnswer();
                              OperatorCommand out = CommandFor(words[0]);
                              out.mode = v1::OVERRIDE_MODE_OUT_OF_SERVICE;
                              world.Operate(first, out);
                              world.After(absl::Milliseconds(20),
                                          [&world, &second, name = words[0]] {
                                            OperatorCommand back = CommandFor(name);
                                            back.clears = true;
                                            world.Operate(second, back);
                                          });
                            }};

}  // namespace rollcall::sim
