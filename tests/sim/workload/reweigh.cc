// The owner of an instance gives it another weight, as it runs.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/check.h"
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kReweigh = {"reweigh",
                       "INSTANCE WEIGHT",
                       Verb::Kind::kNewer,
                       4,
                       [](const Draw& draw) -> Words {
                         return {draw.Instance(), absl::StrCat(draw.random.Below(201))};
                       },
                       [](World& world, const Words& words) {
                         uint32_t weight = 0;
                         ROLLCALL_CHECK(absl::SimpleAtoi(words[1], &weight), "a weight");
                         const Process* const process = world.Newest(words[0]);
                         if (process == nullptr || !process->alive || process->stopping) return;
                         process->client->SetWeight(weight);
                       }};

}  // namespace rollcall::sim
