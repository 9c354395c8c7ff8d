// A lease epoch belongs to one registration for ever: none is used twice, none goes back, and who
// takes an instance from another has a higher one.
#include "tests/sim/oracles/all.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Fencing final : public Oracle {
 public:
  explicit Fencing(Findings& findings) : Oracle("fencing", findings) {}

  void OnChange(const World&, const TruthChange& change) override {
    if (change.instance == nullptr || change.purged) return;
    const auto& now = *change.instance;
    Held& held = held_[change.key];
    const auto what = [&] {
      return absl::StrCat(now.ShortDebugString(), "; the highest epoch was ", held.epoch,
                          ", of session ", held.session);
    };
    if (now.lease_epoch() < held.epoch)
      Wrong(absl::StrCat("an older registration is back: ", what()));
    const bool same_owner = now.session_id() == held.session && !held.removed;
    if (!now.removed() && !same_owner && now.lease_epoch() <= held.epoch) {
      Wrong(absl::StrCat("another registration has the same epoch: ", what()));
    }
    held = {std::max(held.epoch, now.lease_epoch()), now.session_id(), now.removed()};
  }

 private:
  struct Held {
    uint64_t epoch = 0;
    std::string session;
    bool removed = false;
  };
  // Also of what was purged.
  std::map<std::string, Held> held_;
};

}  // namespace

std::unique_ptr<Oracle> MakeFencing(Findings& findings) {
  return std::make_unique<Fencing>(findings);
}

}  // namespace rollcall::sim
