// Somebody sets the time of day of a node's machine; nothing that waits may notice.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/check.h"
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kClockJumps = {"clock-jumps",
                          "NODE by SECONDS",
                          Verb::Kind::kAdded,
                          4,
                          [](const Draw& draw) -> Words {
                            const int64_t by = static_cast<int64_t>(draw.random.Below(7201)) - 3600;
                            return {draw.Node(), "by", absl::StrCat(by)};
                          },
                          [](World& world, const Words& words) {
                            int64_t by = 0;
                            ROLLCALL_CHECK(absl::SimpleAtoi(words[2], &by),
                                           "a clock jumps by seconds");
                            NodeOf(world, words[0]).machine_clock().JumpBy(absl::Seconds(by));
                          }};

}  // namespace rollcall::sim
