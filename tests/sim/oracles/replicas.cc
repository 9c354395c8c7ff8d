// All replicas are equal at equal revisions: each holds what the store held.
#include "tests/sim/oracles/all.h"

#include <map>
#include <optional>

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
    if (!truth) return;
    if (node.misled() && node.misled() != healed_[node.id()]) {
      return CheckMisled(world, node, replica.hash() == *truth);
    }
    if (replica.hash() == *truth) return;
    Wrong(absl::StrCat(node.id(), " holds ", replica.hash().records, " records at revision ",
                       replica.applied().value(), " that are not the store's ", truth->records));
  }
  // It was made to miss a change: the audit finds that and puts it right. That it was right at
  // first, because the change had not come, says nothing.
  void CheckMisled(const World& world, const SimClusterNode& node, bool right) {
    bool& wrong = wrong_[node.id()];
    wrong |= !right;
    if (right && wrong) {
      healed_[node.id()] = node.misled();
      wrong = false;
    } else if (world.now() - *node.misled() > kHealed) {
      Wrong(absl::StrCat(node.id(), " was misled, and is still wrong after ",
                         absl::FormatDuration(world.now() - *node.misled())));
    }
  }
  // An audit each minute, the time in which answers are gathered, and a reload.
  static constexpr absl::Duration kHealed = absl::Seconds(75);

  std::vector<uint64_t> seen_;
  std::map<std::string, std::optional<base::Instant>> healed_;  // of which time it was misled
  std::map<std::string, bool> wrong_;
};

}  // namespace

std::unique_ptr<Oracle> MakeReplicas(Findings& findings) {
  return std::make_unique<Replicas>(findings);
}

}  // namespace rollcall::sim
