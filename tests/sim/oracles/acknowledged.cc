// A registration that was acknowledged is not lost while its process lives and can be reached; and
// it is in the store when it is acknowledged.
#include "tests/sim/oracles/all.h"

#include "absl/strings/str_cat.h"
#include "tests/sim/oracles/hardship.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Acknowledged final : public Oracle {
 public:
  explicit Acknowledged(Findings& findings) : Oracle("acknowledged", findings) {}

  void OnAcknowledged(const World& world, const Process& process, uint64_t epoch) override {
    const auto& instances = world.truth().instances();
    const auto at = instances.find(absl::StrCat(process.service, "/", process.id));
    if (at == instances.end() || at->second.record.lease_epoch() < epoch) {
      Wrong(absl::StrCat(process.name, " was told epoch ", epoch, ", which is not in the store"));
    }
    // Its owner may have changed what it says of it.
    const bool updated =
        at != instances.end() && at->second.record.stamp().cause() == v1::CAUSE_UPDATED;
    const bool anew = process.lease_epoch != 0 && process.lease_epoch != epoch && !updated;
    if (anew && process.stays() && !hardship_.Excuses(world, process)) {
      Wrong(absl::StrCat(process.name, " had to register again: epoch ", process.lease_epoch,
                         " became ", epoch));
    }
  }

  void OnChange(const World& world, const TruthChange& change) override {
    hardship_.OnChange(world, change);
    if (change.purged || change.instance == nullptr || change.instance_before == nullptr) return;
    const auto& before = change.instance_before->record;
    if (before.removed() || !change.instance->removed()) return;
    const auto& sessions = world.truth().sessions();
    const auto session = sessions.find(before.session_id());
    const bool ended = session == sessions.end() ||
                       session->second.record.state() == internal::v1::SESSION_STATE_ENDED;
    if (ended) return;  // Whether rightly, another oracle says.
    const Process* owner = world.ProcessOf(session->second.record.client_name());
    if (owner != nullptr && !owner->stays()) return;
    Wrong(absl::StrCat("removed while its session lives: ", change.instance->ShortDebugString()));
  }

 private:
  Hardship hardship_;
};

}  // namespace

std::unique_ptr<Oracle> MakeAcknowledged(Findings& findings) {
  return std::make_unique<Acknowledged>(findings);
}

}  // namespace rollcall::sim
