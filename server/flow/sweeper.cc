#include "server/flow/sweeper.h"

#include <memory>
#include <vector>

#include "client-sdk/base/mutant.h"
#include "server/command/operator_commands.h"
#include "server/command/purge_commands.h"
#include "server/model/names.h"
#include "server/model/times.h"

namespace rollcall::flow {
namespace {

constexpr absl::Duration kSweepDeadline = absl::Seconds(10);
constexpr absl::Duration kOrphanInterval = absl::Seconds(30);
// Samples are this part of the window apart: what is forgotten is at most that much older than need
// be.
constexpr int kSamplesPerWindow = 60;

}  // namespace

Sweeper::Sweeper(committer::Committer& committer, const catalog::Catalog& catalog,
                 SessionCloser& closer, base::Executor& core, const base::Clock& clock,
                 Options options)
    : committer_(committer),
      catalog_(catalog),
      closer_(closer),
      core_(core),
      clock_(clock),
      options_(std::move(options)) {}

void Sweeper::Start() { Sweep(); }

void Sweeper::SetActive(bool active) {
  // What another node left behind is found at once.
  if (active && !active_) next_orphan_sweep_ = clock_.Steady();
  active_ = active;
}

void Sweeper::Sweep() {
  const Revision old = OldEnough();
  if (active_) {
    ExpireOverrides();
    PurgeTombstones(old);
    SweepOrphans();
  }
  core_.PostAt(clock_.Steady() + options_.interval, [this] { Sweep(); });
}

void Sweeper::SweepOrphans() {
  if (clock_.Steady() < next_orphan_sweep_) return;
  next_orphan_sweep_ = clock_.Steady() + kOrphanInterval;
  closer_.Sweep();
}

void Sweeper::ExpireOverrides() {
  const absl::Time now = clock_.Wall();
  for (const auto& over : catalog_.Overrides()) {
    if (!over->has_expires() || FromProto(over->expires()) > now) continue;
    command::Reason reason{v1::CAUSE_OVERRIDE_EXPIRED, options_.actor,
                           "the end that was set for it has come"};
    committer_.Submit(
        std::make_shared<command::ClearOverride>(NameOf(over->key()), true, std::move(reason)),
        clock_.Steady() + kSweepDeadline, [](const absl::StatusOr<Revision>&) {});
  }
}

Revision Sweeper::OldEnough() {
  const base::Instant now = clock_.Steady();
  const absl::Duration apart = options_.resume_window / kSamplesPerWindow;
  if (samples_.empty() || now - samples_.back().first >= apart) {
    samples_.emplace_back(now, catalog_.applied());
  }
  while (samples_.size() > 1 && now - samples_[1].first >= options_.resume_window) {
    samples_.pop_front();
  }
  const auto& [at, revision] = samples_.front();
  if (MUTANT(purge_too_early)) return samples_.back().second;
  return now - at >= options_.resume_window ? revision : Revision(0);
}

void Sweeper::PurgeTombstones(Revision old) {
  if (purging_ || old == Revision(0)) return;
  const auto found = catalog_.PurgeableUpTo(old, options_.purge_step);
  if (found.empty()) return;
  purging_ = true;
  committer_.Submit(
      std::make_shared<command::RaiseHorizon>(found.back().revision, options_.actor),
      clock_.Steady() + kSweepDeadline, [this, found](const absl::StatusOr<Revision>& raised) {
        purging_ = false;
        if (!raised.ok()) return;
        for (const catalog::Catalog::Purgeable& tombstone : found) {
          committer_.Submit(
              std::make_shared<command::PurgeTombstone>(tombstone.key, tombstone.revision),
              clock_.Steady() + kSweepDeadline, [](const absl::StatusOr<Revision>&) {});
        }
      });
}

}  // namespace rollcall::flow
