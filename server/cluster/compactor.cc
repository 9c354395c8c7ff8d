#include "server/cluster/compactor.h"

#include <algorithm>

namespace rollcall::cluster {

Compactor::Compactor(etcd::EtcdApi& etcd, base::Executor& executor, const base::Clock& clock,
                     observe::Log& log, std::function<Revision()> applied, Options options)
    : etcd_(etcd),
      executor_(executor),
      clock_(clock),
      log_(log),
      applied_(std::move(applied)),
      options_(options) {}

void Compactor::Start() { Tick(); }

void Compactor::SetActive(bool active) {
  active_ = active;
  if (active) Compact();
}

void Compactor::Tick() {
  Sample();
  if (active_) Compact();
  executor_.PostAt(clock_.Steady() + options_.resume_window / kSamplesPerWindow,
                   lifeline_.Guard([this] { Tick(); }));
}

void Compactor::Sample() {
  const base::Instant now = clock_.Steady();
  samples_.emplace_back(now, applied_());
  // All but the newest that is old enough.
  while (samples_.size() > 1 && samples_[1].first + options_.resume_window <= now) {
    samples_.pop_front();
  }
}

Revision Compactor::OldEnough() const {
  const base::Instant now = clock_.Steady();
  Revision newest;
  for (const auto& [time, revision] : samples_) {
    if (time + options_.resume_window <= now) newest = std::max(newest, revision);
  }
  return newest;
}

void Compactor::Compact() {
  const Revision revision = OldEnough();
  if (compacting_ || revision <= compacted_) return;
  compacting_ = true;
  etcd::pb::CompactionRequest request;
  request.set_revision(static_cast<int64_t>(revision.value()));
  etcd_.Compact(
      request, kWithin,
      lifeline_.Guard([this, revision](const absl::StatusOr<etcd::pb::CompactionResponse>& answer) {
        OnCompacted(revision, answer.status());
      }));
}

void Compactor::OnCompacted(Revision revision, const absl::Status& status) {
  compacting_ = false;
  // Out of range: an earlier sweeper, or a request of ours nobody answered, has done it.
  if (status.ok() || absl::IsOutOfRange(status)) {
    compacted_ = std::max(compacted_, revision);
    log_.Debug("etcd compacted", {{"revision", revision}});
    return;
  }
  // The next sample tries again.
  log_.Warning("etcd was not compacted", {{"revision", revision}, {"error", status}});
}

}  // namespace rollcall::cluster
