#include "server/store/etcd/lease_keeper.h"

#include <algorithm>
#include <utility>

namespace rollcall::etcd {
namespace {

// The least that etcd grants.
constexpr int64_t kMinTtlSeconds = 2;
constexpr absl::Duration kGrantWithin = absl::Seconds(2);
constexpr absl::Duration kRevokeLeaseWithin = absl::Seconds(2);
constexpr absl::Duration kFirstRetry = absl::Milliseconds(50);
constexpr absl::Duration kLongestRetry = absl::Milliseconds(500);

int64_t WholeSeconds(absl::Duration ttl) {
  return std::max(kMinTtlSeconds, absl::ToInt64Seconds(absl::Ceil(ttl, absl::Seconds(1))));
}

}  // namespace

LeaseKeeper::LeaseKeeper(EtcdApi& api, base::Executor& executor, const base::Clock& clock,
                         base::Random& random, absl::Duration ttl, Events events)
    : api_(api),
      executor_(executor),
      clock_(clock),
      random_(random),
      asked_seconds_(WholeSeconds(ttl)),
      events_(std::move(events)),
      ttl_(absl::Seconds(asked_seconds_)),
      backoff_(kFirstRetry, kLongestRetry) {}

void LeaseKeeper::After(absl::Duration wait, void (LeaseKeeper::*step)()) {
  executor_.PostAt(clock_.Steady() + wait, life_.Guard([this, step] { (this->*step)(); }));
}

// Granting.

void LeaseKeeper::Start() {
  if (phase_ != Phase::kIdle) return;
  phase_ = Phase::kGranting;
  NewLease();
  Grant();
}

void LeaseKeeper::NewLease() {
  // Positive, and not 0: that would leave the choice to etcd.
  id_ = static_cast<int64_t>(random_.Next() >> 1) | 1;
  may_exist_ = false;
}

void LeaseKeeper::Grant() {
  pb::LeaseGrantRequest request;
  request.set_id(id_);
  request.set_ttl(asked_seconds_);
  const base::Instant sent = clock_.Steady();
  over_ = sent + kGrantWithin + absl::Seconds(asked_seconds_);
  api_.LeaseGrant(request, kGrantWithin,
                  life_.Guard([this, sent](const absl::StatusOr<pb::LeaseGrantResponse>& answer) {
                    OnGrant(sent, answer);
                  }));
}

void LeaseKeeper::OnGrant(base::Instant sent,
                          const absl::StatusOr<pb::LeaseGrantResponse>& answer) {
  if (answer.ok()) return Hold(sent, answer->ttl());
  if (absl::IsFailedPrecondition(answer.status())) {
    // "lease already exists": ours, from a request that nobody answered; or somebody else's.
    if (may_exist_) return Renew();
    NewLease();
  } else {
    may_exist_ = true;
  }
  After(backoff_.Next(random_), &LeaseKeeper::Grant);
}

// Renewing.

absl::Duration LeaseKeeper::RenewalWithin() const {
  return std::max(ttl_ / 5, absl::Milliseconds(500));
}

void LeaseKeeper::Renew() {
  pb::LeaseKeepAliveRequest request;
  request.set_id(id_);
  const base::Instant sent = clock_.Steady();
  api_.LeaseKeepAlive(
      request, RenewalWithin(),
      life_.Guard([this, sent](const absl::StatusOr<pb::LeaseKeepAliveResponse>& answer) {
        OnRenewal(sent, answer);
      }));
}

void LeaseKeeper::OnRenewal(base::Instant sent,
                            const absl::StatusOr<pb::LeaseKeepAliveResponse>& answer) {
  if (!answer.ok()) return After(backoff_.Next(random_), &LeaseKeeper::Renew);
  if (answer->ttl() > 0) return Hold(sent, answer->ttl());
  if (phase_ == Phase::kHeld) return Lose();
  NewLease();
  Grant();
}

void LeaseKeeper::Hold(base::Instant sent, int64_t ttl_seconds) {
  const bool granted = phase_ == Phase::kGranting;
  const base::Instant now = clock_.Steady();
  phase_ = Phase::kHeld;
  ttl_ = absl::Seconds(ttl_seconds);
  confirmed_ = std::max(confirmed_, sent);
  over_ = confirmed_ + ttl_;
  backoff_.Reset();
  life_.Cut();
  executor_.PostAt(over_, life_.Guard([this] { Lose(); }));
  After(std::max(sent + ttl_ / 3 - now, absl::ZeroDuration()), &LeaseKeeper::Renew);
  granted ? events_.granted() : events_.renewed();
}

// Losing.

void LeaseKeeper::Gone() {
  if (phase_ == Phase::kHeld) Lose();
}

void LeaseKeeper::Lose() {
  life_.Cut();
  phase_ = Phase::kIdle;
  backoff_.Reset();
  events_.lost();
}

void LeaseKeeper::End(Done done) {
  if (phase_ == Phase::kEnded) {
    if (done) {
      executor_.Post(life_.Guard([done = std::move(done)]() mutable { done(absl::OkStatus()); }));
    }
    return;
  }
  life_.Cut();
  ended_ = std::move(done);
  const bool nothing = std::exchange(phase_, Phase::kEnded) == Phase::kIdle && id_ == 0;
  if (nothing) {
    executor_.Post(life_.Guard([this] { OnRevoked(absl::OkStatus()); }));
  } else {
    Revoke();
  }
}

void LeaseKeeper::Revoke() {
  pb::LeaseRevokeRequest request;
  request.set_id(id_);
  api_.LeaseRevoke(request, kRevokeLeaseWithin,
                   life_.Guard([this](const absl::StatusOr<pb::LeaseRevokeResponse>& answer) {
                     OnRevoked(answer.status());
                   }));
}

void LeaseKeeper::OnRevoked(const absl::Status& status) {
  const bool settled = status.ok() || absl::IsNotFound(status);
  if (!settled && clock_.Steady() < over_) {
    return After(backoff_.Next(random_), &LeaseKeeper::Revoke);
  }
  if (Done done = std::exchange(ended_, nullptr)) done(settled ? absl::OkStatus() : status);
}

}  // namespace rollcall::etcd
