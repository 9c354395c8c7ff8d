// What an operator decided stands until an operator or its own end changes it, whatever is
// registered meanwhile.
#include "tests/sim/oracles/all.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/model/times.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Overrides final : public Oracle {
 public:
  explicit Overrides(Findings& findings) : Oracle("overrides", findings) {}

  void OnChange(const World& world, const TruthChange& change) override {
    if (change.over == nullptr || change.purged) return;
    const auto& over = *change.over;
    if (over.stamp().cause() == v1::CAUSE_OVERRIDE_EXPIRED) return CheckEnd(world, change);
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
    if (asked->clears != over.removed() || (!asked->clears && !IsAsked(over, *asked))) {
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
    const bool mine = there && IsAsked(at->second.record, command);
    if (newer || (command.clears ? !there : mine)) return;
    Wrong(absl::StrCat("acknowledged at revision ", command.revision, " and not there: ",
                       command.actor, " for ", command.service, "/", command.id));
  }

  void AtEnd(const World& world) override {
    for (const auto& [name, over] : world.truth().overrides()) {
      if (over.record.removed() || !over.record.has_expires()) continue;
      if (IsLongPast(world, FromProto(over.record.expires()))) {
        Wrong(absl::StrCat("past its end and still there: ", over.record.ShortDebugString()));
      }
    }
  }

 private:
  // What ends is looked for each few seconds, by whoever sweeps.
  static constexpr absl::Duration kLate = absl::Minutes(2);

  static bool IsAsked(const internal::v1::OverrideRecord& over, const OperatorCommand& asked) {
    return over.mode() == asked.mode && over.has_weight() == asked.weight.has_value() &&
           over.weight() == asked.weight.value_or(0) &&
           over.has_expires() == asked.lasts.has_value();
  }
  void CheckEnd(const World& world, const TruthChange& change) {
    const std::string what = change.over->ShortDebugString();
    if (change.override_before == nullptr || !change.over->removed()) {
      return Wrong(absl::StrCat("something that was not there has ended: ", what));
    }
    const auto& before = change.override_before->record;
    if (before.removed() || !before.has_expires()) {
      return Wrong(absl::StrCat("it has no end and has ended: ", what));
    }
    for (const auto& node : world.nodes()) {
      if (node->id() != change.over->stamp().actor()) continue;
      if (node->machine_clock().Wall() >= FromProto(before.expires())) return;
    }
    Wrong(absl::StrCat("ended before its end, by the clock of the node that ended it: ", what));
  }
  // By every node's clock: they may differ, and each ends it by its own.
  static bool IsLongPast(const World& world, absl::Time end) {
    return std::all_of(world.nodes().begin(), world.nodes().end(), [&](const auto& node) {
      return end + kLate < node->machine_clock().Wall();
    });
  }

  std::set<std::string> written_;  // by actor
};

}  // namespace

std::unique_ptr<Oracle> MakeOverrides(Findings& findings) {
  return std::make_unique<Overrides>(findings);
}

}  // namespace rollcall::sim
