// All replicas are equal at equal revisions: each holds what the store held.
#include "tests/sim/oracles/all.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Replicas final : public Oracle {
 public:
  explicit Replicas(Findings& findings) : Oracle("replicas", findings) {}

  bool wants_steps() const override { return true; }
  void OnStep(const World& world) override {
    size_t i = 0;
    for (const auto& node : world.nodes()) {
      if (seen_.size() <= i) seen_.emplace_back();
      uint64_t& seen = seen_[i++];
      if (!node->up()) {
        seen = 0;
        continue;
      }
      const replica::Replica& replica = node->node().replica();
      if (replica.applied().value() == seen) continue;
      seen = replica.applied().value();
      Compare(world, *node, replica);
    }
  }

 private:
  void Compare(const World& world, SimClusterNode& node, const replica::Replica& replica) {
    const auto truth = world.truth().RecordsAt(replica.applied().value());
    if (!truth || replica.hash() == *truth) return;
    Wrong(absl::StrCat(node.id(), " holds ", replica.hash().records, " records at revision ",
                       replica.applied().value(), " that are not the store's ", truth->records));
  }
  std::vector<uint64_t> seen_;
};

}  // namespace

std::unique_ptr<Oracle> MakeReplicas(Findings& findings) {
  return std::make_unique<Replicas>(findings);
}

}  // namespace rollcall::sim
