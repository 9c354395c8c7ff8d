// What an operator decided stands until an operator or its own end changes it, whatever is
// registered meanwhile.
#include "tests/sim/oracles/all.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Overrides final : public Oracle {
 public:
  explicit Overrides(Findings& findings) : Oracle("overrides", findings) {}

  void OnChange(const World& world, const TruthChange& change) override {
    if (change.over == nullptr || change.purged) return;
    const auto& over = *change.over;
    const auto& commands = world.commands();
    const auto asked =
        std::find_if(commands.begin(), commands.end(), [&](const OperatorCommand& command) {
          return !command.removes && command.actor == over.stamp().actor() &&
                 command.service == over.key().service() && command.id == over.key().id();
        });
    if (asked == commands.end()) {
      return Wrong(absl::StrCat("nobody asked for this: ", over.ShortDebugString()));
    }
    if (!written_.insert(asked->actor).second) {
      Wrong(absl::StrCat("asked for once and written twice: ", over.ShortDebugString()));
    }
    if (asked->clears != over.removed() || (!asked->clears && asked->mode != over.mode())) {
      Wrong(absl::StrCat("this is not what was asked for: ", over.ShortDebugString()));
    }
  }

  void OnOperatorDone(const World& world, const OperatorCommand& command) override {
    if (command.removes) return;
    const auto& overrides = world.truth().overrides();
    const auto at = overrides.find(absl::StrCat(command.service, "/", command.id));
    const bool there = at != overrides.end() && !at->second.record.removed();
    const bool newer =
        at != overrides.end() && static_cast<uint64_t>(at->second.revision) > command.revision;
    const bool mine = there && at->second.record.mode() == command.mode;
    if (newer || (command.clears ? !there : mine)) return;
    Wrong(absl::StrCat("acknowledged at revision ", command.revision, " and not there: ",
                       command.actor, " for ", command.service, "/", command.id));
  }

 private:
  std::set<std::string> written_;  // by actor
};

}  // namespace

std::unique_ptr<Oracle> MakeOverrides(Findings& findings) {
  return std::make_unique<Overrides>(findings);
}

}  // namespace rollcall::sim
