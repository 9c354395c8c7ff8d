// A node counts itself as cut off from the store only while it is, and only on the word of another
// that lately was not: never are all, whatever becomes of the store.
#include "tests/sim/oracles/all.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Isolation final : public Oracle {
 public:
  explicit Isolation(Findings& findings) : Oracle("isolation", findings) {}

  void OnTick(const World& world) override {
    for (const auto& node : world.nodes()) {
      if (!node->up()) continue;
      if (node->frozen()) {
        stopped_[node->id()] = world.now();
      } else if (node->node().sessions().store_reachable()) {
        in_touch_[node->id()] = world.now();
      }
    }
    for (const auto& node : world.nodes()) {
      if (node->up() && node->node().isolated()) Check(world, *node);
    }
  }

 private:
  // cluster::Isolation: how long a word is good, and how long it may be on its way.
  static constexpr absl::Duration kBelieved = absl::Seconds(4);
  static constexpr absl::Duration kTick = absl::Seconds(2);

  void Check(const World& world, const SimClusterNode& node) {
    // It goes on where it was stopped, until it has had a moment to look.
    const auto stopped = stopped_.find(node.id());
    if (stopped != stopped_.end() && stopped->second + kTick >= world.now()) return;
    if (in_touch_[node.id()] == world.now()) {
      Wrong(absl::StrCat(node.id(), " reaches the store and says that it is isolated"));
    }
    for (const auto& [other, when] : in_touch_) {
      if (other != node.id() && when + kBelieved + kTick >= world.now()) return;
    }
    Wrong(absl::StrCat(node.id(), " says that it is isolated, and nobody reaches the store"));
  }

  std::map<std::string, base::Instant> in_touch_;
  std::map<std::string, base::Instant> stopped_;
};

}  // namespace

std::unique_ptr<Oracle> MakeIsolation(Findings& findings) {
  return std::make_unique<Isolation>(findings);
}

}  // namespace rollcall::sim
