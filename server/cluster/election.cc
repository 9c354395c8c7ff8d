#include "server/cluster/election.h"

#include <utility>

namespace rollcall::cluster {

Election::Election(store::Leases& leases, base::Executor& executor, const base::Clock& clock,
                   base::Random& random, std::string key, NodeId self, OnChange on_change)
    : leases_(leases),
      executor_(executor),
      clock_(clock),
      random_(random),
      key_(std::move(key)),
      self_(std::move(self)),
      on_change_(std::move(on_change)) {}

void Election::Start() {
  if (phase_ != Phase::kStopped) return;
  phase_ = Phase::kFollowing;
  Consider(absl::ZeroDuration());
}

void Election::Stop(absl::AnyInvocable<void(absl::Status)> done) {
  const bool had = held();
  const bool may_have = had || phase_ == Phase::kAsking;
  phase_ = Phase::kStopped;
  ++asking_;
  if (had) on_change_(false);
  if (may_have) {
    leases_.Drop(key_, std::move(done));
  } else if (done) {
    executor_.Post([done = std::move(done)]() mutable { done(absl::OkStatus()); });
  }
}

void Election::Consider(absl::Duration wait) {
  if (phase_ != Phase::kFollowing || !LooksOurs()) return;
  phase_ = Phase::kWaiting;
  Later(wait + random_.Between(absl::ZeroDuration(), kSpread));
}

void Election::Later(absl::Duration wait) {
  executor_.PostAt(clock_.Steady() + wait, lifeline_.Guard([this, asking = ++asking_] {
    if (asking != asking_ || phase_ != Phase::kWaiting) return;
    if (LooksOurs()) return Ask(Phase::kAsking);
    phase_ = Phase::kFollowing;
  }));
}

void Election::Ask(Phase phase) {
  phase_ = phase;
  told_since_ = false;
  leases_.Take(key_, self_.value(),
               lifeline_.Guard([this, asking = ++asking_](const absl::StatusOr<bool>& ours) {
                 OnAnswer(asking, ours);
               }));
}

void Election::OnAnswer(uint64_t asking, const absl::StatusOr<bool>& ours) {
  if (asking != asking_) {
    // Taken for one who wants it no more. Whoever wants it anew has asked anew.
    if (phase_ == Phase::kStopped && ours.ok() && *ours) leases_.Drop(key_, nullptr);
    return;
  }
  if (!ours.ok() || !*ours) {
    if (ours.ok()) return OnRefused();
    const absl::Duration wait = backoff_.Next(random_);
    const bool had = std::exchange(phase_, Phase::kFollowing) == Phase::kDoubted;
    Consider(wait);
    // Not known to be ours any more.
    if (had) on_change_(false);
    return;
  }
  backoff_.Reset();
  if (phase_ == Phase::kDoubted && told_since_) return Ask(Phase::kDoubted);
  const bool had = std::exchange(phase_, Phase::kHeld) == Phase::kDoubted;
  if (!had) on_change_(true);
}

// Somebody has it, or had it when asked: if that is over, or not told yet, the watch will tell; but
// what it has told meanwhile it will not tell again.
void Election::OnRefused() {
  backoff_.Reset();
  const bool had = std::exchange(phase_, Phase::kFollowing) == Phase::kDoubted;
  Consider(kAskAgain);
  if (had) on_change_(false);
}

void Election::OnControl(absl::string_view key, Revision, const std::optional<std::string>& value) {
  if (key != key_) return;
  holder_ = value;
  if (phase_ == Phase::kHeld && holder_ != self_.value()) return Ask(Phase::kDoubted);
  told_since_ = true;
  Consider(absl::ZeroDuration());
}

void Election::OnLeaseLost() {
  if (phase_ == Phase::kStopped) return;
  const bool had = held();
  ++asking_;
  phase_ = Phase::kFollowing;
  Consider(absl::ZeroDuration());
  if (had) on_change_(false);
}

}  // namespace rollcall::cluster
