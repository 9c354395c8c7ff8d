// Somebody asks for the newest, again and again, at one node and another.
#include "absl/strings/numbers.h"
#include "client-sdk/base/check.h"
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kLatest = {"latest",
                      "every SECONDS",
                      Verb::Kind::kByHand,
                      0,
                      [](const Draw& draw) -> Words {
                        (void)draw;
                        return {};
                      },
                      [](World& world, const Words& words) {
                        double seconds = 0;
                        ROLLCALL_CHECK(absl::SimpleAtod(words[1], &seconds) && seconds > 0,
                                       "every SECONDS");
                        world.ReadLatest(absl::Seconds(seconds));
                      }};

}  // namespace rollcall::sim
