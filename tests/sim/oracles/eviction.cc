// Nobody is judged before his time: not by a restart, a failover, a pause or an outage. Who lives
// and can be reached is not ended at all, and in quiet times not even suspected.
#include "tests/sim/oracles/all.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

class Eviction final : public Oracle {
 public:
  explicit Eviction(Findings& findings) : Oracle("eviction", findings) {}

  void OnChange(const World& world, const TruthChange& change) override {
    if (change.session == nullptr || change.purged) return;
    const auto& now = *change.session;
    if (change.session_before == nullptr) {
      begun_[now.id()] = world.now();
      return;
    }
    const auto& before = change.session_before->record;
    if (now.state() == before.state()) return;
    const Process* process = world.ProcessOf(now.client_name());
    if (process == nullptr) return;
    const bool reachable = process->stays() && process->hampered_until < world.now();
    const bool orphan = now.stamp().actor() != before.home();
    const base::Instant judged = world.InstantOf(now.stamp().time(), now.stamp().actor());
    const base::Instant sign =
        orphan ? HomeLost(world, before) : LastSign(*process, before, judged);
    const absl::Duration silent = judged - sign - Paused(world, now.stamp().actor(), sign, judged);
    CheckLate(world, *process, before, now, judged);
    CheckGrace(world, now, judged);
    const auto what = [&] {
      return absl::StrCat(", ", orphan ? "its home gone" : "silent", " for ",
                          absl::FormatDuration(silent), ": ", now.ShortDebugString());
    };
    if (now.state() == internal::v1::SESSION_STATE_ENDED) {
      if (reachable) Wrong(absl::StrCat("a living process was ended", what()));
      const absl::Duration least = World::kTtl + (orphan ? kOrphanGrace : absl::ZeroDuration());
      if (now.stamp().cause() == v1::CAUSE_EXPIRED && silent < least * world.least_pace()) {
        Wrong(absl::StrCat("a session was ended early", what()));
      }
    } else if (now.state() == internal::v1::SESSION_STATE_SUSPECT) {
      const absl::Duration least = World::kTtl * (orphan ? 1 : 2) / 3;
      if (now.stamp().cause() == v1::CAUSE_BEAT_OVERDUE && silent < least * world.least_pace()) {
        Wrong(absl::StrCat("suspected early", what()));
      }
      if (reachable && world.quiet_since() < world.now()) {
        Wrong(absl::StrCat("a living process was suspected in quiet times", what()));
      }
    }
  }

  void OnTick(const World& world) override {
    if (!world.etcd().available()) no_quorum_ = world.now();
    for (const auto& node : world.nodes()) {
      if (!node->up() || !node->node().sessions().store_reachable()) {
        cut_off_[node->id()] = world.now();
      }
    }
  }

 private:
  static constexpr absl::Duration kNotNoticed = absl::Milliseconds(1100);
  static constexpr absl::Duration kOnItsWay = absl::Seconds(9);
  // docs/guarantees.md, 13.
  static constexpr absl::Duration kOrphanGrace = absl::Seconds(10);

  // Now, that is no time at all, if it was not.
  static base::Instant HomeLost(const World& world, const internal::v1::SessionRecord& session) {
    return world.truth().GoneSince(session.home()).value_or(world.now());
  }
  base::Instant LastSign(const Process& process, const internal::v1::SessionRecord& session,
                         base::Instant until) {
    return std::max(process.client->transport().last_sign(session.home() + ":7400", until),
                    begun_[session.id()]);
  }
  // What its judge was stopped for is nobody's silence, but for the time in which it may not have
  // noticed.
  static absl::Duration Paused(const World& world, const std::string& judge, base::Instant from,
                               base::Instant to) {
    for (const auto& node : world.nodes()) {
      if (node->id() != judge) continue;
      const SimClusterNode::Pauses pauses = node->PausesBetween(from, to);
      return std::max(pauses.total - pauses.count * kNotNoticed, absl::ZeroDuration());
    }
    return absl::ZeroDuration();
  }
  // A node that was without the store, or has just started, gives everybody the full TTL first.
  void CheckGrace(const World& world, const internal::v1::SessionRecord& now,
                  base::Instant judged) {
    const auto cut_off = cut_off_.find(now.stamp().actor());
    if (now.stamp().cause() != v1::CAUSE_EXPIRED || cut_off == cut_off_.end()) return;
    // It may have been judged before all that.
    const absl::Duration back = judged - cut_off->second;
    if (back < absl::ZeroDuration() || back >= World::kTtl * world.least_pace()) return;
    Wrong(absl::StrCat("ended ", absl::FormatDuration(judged - cut_off->second), " after ",
                       now.stamp().actor(), " was back: ", now.ShortDebugString()));
  }
  // A judgement is withdrawn when the store does not answer. What was on its way may still come,
  // for as long as a request may be: longer only when the members of etcd could not agree
  // meanwhile.
  void CheckLate(const World& world, const Process& process,
                 const internal::v1::SessionRecord& before, const internal::v1::SessionRecord& now,
                 base::Instant judged) {
    const bool judgement = now.stamp().cause() == v1::CAUSE_EXPIRED ||
                           now.stamp().cause() == v1::CAUSE_BEAT_OVERDUE ||
                           now.stamp().cause() == v1::CAUSE_STREAM_BROKEN;
    const bool late = judged + kOnItsWay < world.now() && no_quorum_ < judged;
    if (!judgement || !late || LastSign(process, before, world.now()) <= judged) return;
    Wrong(absl::StrCat("a judgement was made ", absl::FormatDuration(world.now() - judged),
                       " late, and its subject had shown itself: ", now.ShortDebugString()));
  }
  std::map<std::string, base::Instant> begun_;
  base::Instant no_quorum_;
  std::map<std::string, base::Instant> cut_off_;  // by node: when it last was without the store
};

}  // namespace

std::unique_ptr<Oracle> MakeEviction(Findings& findings) {
  return std::make_unique<Eviction>(findings);
}

}  // namespace rollcall::sim
