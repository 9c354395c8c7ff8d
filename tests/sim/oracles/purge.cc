// Tombstones are remembered for the resume window, and purged only below the horizon.
#include "tests/sim/oracles/all.h"

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Purge final : public Oracle {
 public:
  explicit Purge(Findings& findings) : Oracle("purge", findings) {}

  void OnChange(const World& world, const TruthChange& change) override {
    if (!change.purged) return;
    if (change.session != nullptr) {
      const bool over = change.session->state() == internal::v1::SESSION_STATE_ENDED;
      Check(world, change, *change.session_before, over);
    } else if (change.instance != nullptr) {
      Check(world, change, *change.instance_before, change.instance->removed());
    } else if (change.over != nullptr) {
      Check(world, change, *change.override_before, change.over->removed());
    }
  }

 private:
  template <typename Record>
  void Check(const World& world, const TruthChange& change, const Stood<Record>& was, bool over) {
    const absl::Duration age = world.now() - was.since;
    const auto what = [&] {
      return absl::StrCat(change.key, " of revision ", was.revision, ", ",
                          absl::FormatDuration(age), " old");
    };
    if (!over) Wrong(absl::StrCat("purged, and was no tombstone: ", what()));
    if (age < World::kResumeWindow * world.least_pace())
      Wrong(absl::StrCat("purged too early: ", what()));
    if (static_cast<uint64_t>(was.revision) > world.truth().horizon()) {
      Wrong(absl::StrCat("purged above the horizon: ", what()));
    }
  }
};

}  // namespace

std::unique_ptr<Oracle> MakePurge(Findings& findings) { return std::make_unique<Purge>(findings); }

}  // namespace rollcall::sim
