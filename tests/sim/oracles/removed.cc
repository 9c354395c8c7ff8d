// What is over stays over: an ended session, and a removed instance until it is registered anew;
// not by the session from which an operator took it.
#include "tests/sim/oracles/all.h"

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Removed final : public Oracle {
 public:
  explicit Removed(Findings& findings) : Oracle("removed", findings) {}

  void OnChange(const World& world, const TruthChange& change) override {
    if (change.purged) return;
    if (change.session != nullptr && change.session_before != nullptr &&
        change.session_before->record.state() == internal::v1::SESSION_STATE_ENDED &&
        change.session->state() != internal::v1::SESSION_STATE_ENDED) {
      Wrong(absl::StrCat("an ended session is back: ", change.session->ShortDebugString()));
    }
    if (change.instance == nullptr || change.instance->removed()) return;
    if (change.instance_before != nullptr) CheckTaken(change);
    const auto& sessions = world.truth().sessions();
    const auto session = sessions.find(change.instance->session_id());
    if (session == sessions.end() || session->second.revision >= change.revision) return;
    if (session->second.record.state() == internal::v1::SESSION_STATE_ENDED) {
      Wrong(absl::StrCat("registered by a session that has ended: ",
                         change.instance->ShortDebugString()));
    }
  }

  void OnOperatorDone(const World& world, const OperatorCommand& command) override {
    if (!command.removes) return;
    const auto& instances = world.truth().instances();
    const auto at = instances.find(absl::StrCat(command.service, "/", command.id));
    if (at == instances.end() || at->second.record.removed()) return;
    if (static_cast<uint64_t>(at->second.revision) > command.revision) return;
    Wrong(absl::StrCat("an operator was told that it is removed: ",
                       at->second.record.ShortDebugString()));
  }

 private:
  void CheckTaken(const TruthChange& change) {
    const auto& before = change.instance_before->record;
    if (!before.removed() || before.stamp().cause() != v1::CAUSE_REMOVED) return;
    if (before.session_id() != change.instance->session_id()) return;
    Wrong(absl::StrCat("registered again by the session from which an operator took it: ",
                       change.instance->ShortDebugString()));
  }
};

}  // namespace

std::unique_ptr<Oracle> MakeRemoved(Findings& findings) {
  return std::make_unique<Removed>(findings);
}

}  // namespace rollcall::sim
