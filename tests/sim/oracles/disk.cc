// What a node finds on its disk when it starts is what the store held at some revision: the one
// that is written beside it.
#include "tests/sim/oracles/all.h"

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Disk final : public Oracle {
 public:
  explicit Disk(Findings& findings) : Oracle("disk", findings) {}

  void OnNodeStarted(const World& world, SimClusterNode& node) override {
    const auto position = node.PositionOnDisk();
    if (!position) return;
    const auto truth = world.truth().RecordsAt(position->value());
    const store::RecordsHash held = node.OnDisk();
    if (!truth || held == *truth) return;
    Wrong(absl::StrCat(node.id(), "'s disk says revision ", position->value(), " and holds ",
                       held.records, " records that are not the store's ", truth->records));
  }
};

}  // namespace

std::unique_ptr<Oracle> MakeDisk(Findings& findings) { return std::make_unique<Disk>(findings); }

}  // namespace rollcall::sim
