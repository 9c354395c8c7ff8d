// The dead are noticed and gone by their bound: suspect within milliseconds when their connection
// closes, removed at their deadline, and then for good; unless the eviction brake holds them, as
// suspects.
#include "tests/sim/oracles/all.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Detection final : public Oracle {
 public:
  explicit Detection(Findings& findings) : Oracle("detection", findings) {}

  void OnChange(const World& world, const TruthChange& change) override {
    if (change.session == nullptr) return;
    const auto& session = *change.session;
    auto& open = open_[session.client_name()];
    const bool over = change.purged || session.state() == internal::v1::SESSION_STATE_ENDED;
    if (!over) {
      open.insert(session.id());
      NoteLate(world, session.client_name());
    } else if (open.erase(session.id()) > 0) {
      const Process* process = world.ProcessOf(session.client_name());
      if (process != nullptr) gone_.emplace_back(world.now(), process->group);
    }
  }
  void OnDeath(const World&, const Process& process) override { dead_.push_back(&process); }

  void OnTick(const World& world) override {
    std::erase_if(gone_, [&](const auto& g) { return g.first + kBrakeWindow < world.now(); });
    std::erase_if(dead_, [&](const Process* process) {
      // It may yet deregister, or register once more, while it is told to stop.
      if (!process->alive && open_[process->name].empty()) return true;
      Check(world, *process);
      return false;
    });
  }

 private:
  // From the first eviction to the last that a brake counts together, with a margin for pauses.
  static constexpr absl::Duration kBrakeWindow = absl::Seconds(120);
  static constexpr absl::Duration kMargin = absl::Seconds(2);
  static constexpr size_t kMass = 8;

  // What the dead had asked for may be done after their death, and then they have died anew (seed
  // 2002493).
  void NoteLate(const World& world, const std::string& name) {
    const Process* process = world.ProcessOf(name);
    if (process == nullptr || process->alive) return;
    if (std::find(dead_.begin(), dead_.end(), process) == dead_.end()) dead_.push_back(process);
  }
  void Check(const World& world, const Process& process) {
    if (world.quiet_since() >= world.now() || process.hampered_until >= world.now()) return;
    const base::Instant quiet = std::max(world.quiet_since(), process.hampered_until);
    const base::Instant died = *process.ended;
    const bool in_peace = quiet < died;
    const absl::Duration since = world.now() - std::max(died, quiet);
    for (const std::string& id : open_[process.name]) {
      const auto at = world.truth().sessions().find(id);
      if (at == world.truth().sessions().end()) continue;
      const bool live = at->second.record.state() == internal::v1::SESSION_STATE_LIVE;
      const absl::Duration noticed = SoonKnown(world, process) && in_peace
                                         ? absl::Milliseconds(500)
                                         : World::kTtl * 2 / 3 + kMargin;
      const absl::Duration gone =
          World::kTtl + kMargin + (in_peace ? absl::ZeroDuration() : World::kTtl);
      const auto what = [&] {
        return absl::StrCat(process.name, ", for ", absl::FormatDuration(since), ": ",
                            at->second.record.ShortDebugString());
      };
      if (live && since > noticed) Wrong(absl::StrCat("dead and not noticed: ", what()));
      if (since > gone && !Braked(world, process)) {
        Wrong(absl::StrCat("dead and still there: ", what()));
      }
    }
  }
  // It had a connection to lose, and not so many died at once that the fault might be the node's.
  bool SoonKnown(const World& world, const Process& process) const {
    const auto together = std::count_if(dead_.begin(), dead_.end(), [&](const Process* other) {
      return other->ended && *other->ended + absl::Seconds(1) > *process.ended;
    });
    return !process.stopping && process.acknowledged &&
           *process.acknowledged + absl::Seconds(1) < *process.ended &&
           static_cast<size_t>(together) < kMass && world.now() > *process.ended;
  }
  bool Braked(const World& world, const Process& process) const {
    const std::string& zone = process.group;
    size_t would_go = 0;
    for (const auto& [at, where] : gone_) would_go += where == zone;
    for (const Process* other : dead_) would_go += other->group == zone;
    for (const auto& other : world.processes()) {
      would_go += other->alive && other->hampered_until >= world.now() && other->group == zone;
    }
    // With room for what each node knows a moment later than another.
    return would_go > 3 &&
           static_cast<double>(would_go) > kShare * static_cast<double>(Registered(world, process));
  }

  // The brake's is 0.4.
  static constexpr double kShare = 0.3;
  static size_t Registered(const World& world, const Process& process) {
    const auto& instances = world.truth().instances();
    return static_cast<size_t>(
        std::count_if(instances.begin(), instances.end(), [&](const auto& at) {
          const auto& record = at.second.record;
          return !record.removed() && record.spec().service() == process.service &&
                 record.spec().locality().zone() == process.zone;
        }));
  }

  std::map<std::string, std::set<std::string>> open_;  // client name to sessions
  std::vector<const Process*> dead_;
  std::vector<std::pair<base::Instant, std::string>> gone_;
};

}  // namespace

std::unique_ptr<Oracle> MakeDetection(Findings& findings) {
  return std::make_unique<Detection>(findings);
}

}  // namespace rollcall::sim
