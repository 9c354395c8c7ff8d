// An operator gives an instance another weight, or drains it, or both, for a while: the decision
// ends by itself.
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/faults/all.h"

namespace rollcall::sim {

const Verb kOverrideFor = {
    "override-for",
    "INSTANCE drain|weigh weight=N by=NODE for SECONDS",
    Verb::Kind::kNewer,
    6,
    [](const Draw& draw) -> Words {
      Words words = {draw.Instance(), draw.random.Below(2) == 0 ? "drain" : "weigh",
                     absl::StrCat("weight=", draw.random.Below(201)),
                     absl::StrCat("by=", draw.Node())};
      for (std::string& word : draw.For(absl::Seconds(1), absl::Seconds(40))) {
        words.push_back(std::move(word));
      }
      return words;
    },
    [](World& world, const Words& words) {
      OperatorCommand command = CommandFor(words[0]);
      if (words[1] == "drain") command.mode = v1::OVERRIDE_MODE_DRAINING;
      command.weight = static_cast<uint32_t>(NumberOf(words, "weight", 0));
      command.lasts = DurationOf(words);
      world.Operate(NodeOf(world, ValueOf(words, "by", "")), std::move(command));
    }};

}  // namespace rollcall::sim
