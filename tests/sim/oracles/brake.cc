// No node evicts more of a service and zone within a window than the brake lets go. (That what it
// holds is shown as what it is, SUSPECT, is for `watch`, `view` and `catalogs` to say.)
#include "tests/sim/oracles/all.h"

#include <algorithm>
#include <deque>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Brake final : public Oracle {
 public:
  explicit Brake(Findings& findings) : Oracle("brake", findings) {}

  void OnChange(const World& world, const TruthChange& change) override {
    if (change.session == nullptr || change.purged || change.session_before == nullptr) return;
    const auto& now = *change.session;
    if (now.state() != internal::v1::SESSION_STATE_ENDED ||
        change.session_before->record.state() == internal::v1::SESSION_STATE_ENDED ||
        now.stamp().cause() != v1::CAUSE_EXPIRED) {
      return;
    }
    for (const auto& [name, instance] : world.truth().instances()) {
      if (instance.record.session_id() != now.id() || instance.record.removed()) continue;
      Count(world, now.stamp().actor(), instance.record.spec());
    }
  }
  // Its window begins anew (seed 2000037).
  void OnNodeStarted(const World&, SimClusterNode& node) override {
    std::erase_if(gone_, [&](const auto& gone) { return gone.first.first == node.id(); });
  }

 private:
  static constexpr absl::Duration kWindow = absl::Seconds(60);
  static constexpr size_t kFree = 3;
  static constexpr double kShare = 0.4;

  void Count(const World& world, const std::string& node, const v1::InstanceSpec& spec) {
    const std::string zone = absl::StrCat(spec.service(), " in ", spec.locality().zone());
    auto& gone = gone_[{node, zone}];
    gone.push_back(world.now());
    while (gone.front() + kWindow * world.least_pace() <= world.now()) gone.pop_front();
    if (world.brakes_released() + kWindow > world.now() && world.brakes_released() > kNever) return;
    const size_t suspect = Suspect(world, spec);
    // What was judged on the way to now may have been judged while more were registered.
    const size_t before = Registered(world, spec) + gone.size() + kFree;
    const auto over = [&](size_t going) {
      return going > kFree && static_cast<double>(going) > kShare * static_cast<double>(before);
    };
    const std::string of = absl::StrCat(" of ", before, " of ", zone);
    if (over(gone.size()))
      Wrong(absl::StrCat(node, " evicted ", gone.size(), of, " within a window"));
    // In quiet times it knew of all that are suspect.
    if (world.quiet_since() < world.now() && over(gone.size() - 1 + suspect)) {
      Wrong(absl::StrCat(node, " evicted one while ", suspect, of, " are suspect"));
    }
  }
  // For long enough that every node knows.
  static size_t Suspect(const World& world, const v1::InstanceSpec& spec) {
    size_t count = 0;
    for (const auto& [name, instance] : world.truth().instances()) {
      const auto& other = instance.record;
      if (other.removed() || other.spec().service() != spec.service() ||
          other.spec().locality().zone() != spec.locality().zone()) {
        continue;
      }
      const auto session = world.truth().sessions().find(other.session_id());
      count += session != world.truth().sessions().end() &&
               session->second.record.state() == internal::v1::SESSION_STATE_SUSPECT &&
               session->second.since + absl::Seconds(1) < world.now();
    }
    return count;
  }
  static size_t Registered(const World& world, const v1::InstanceSpec& spec) {
    size_t count = 0;
    for (const auto& [name, instance] : world.truth().instances()) {
      count += !instance.record.removed() && instance.record.spec().service() == spec.service() &&
               instance.record.spec().locality().zone() == spec.locality().zone();
    }
    return count;
  }
  static inline const base::Instant kNever = base::Instant::FromOrigin(absl::ZeroDuration());
  std::map<std::pair<std::string, std::string>, std::deque<base::Instant>> gone_;
};

}  // namespace

std::unique_ptr<Oracle> MakeBrake(Findings& findings) { return std::make_unique<Brake>(findings); }

}  // namespace rollcall::sim
