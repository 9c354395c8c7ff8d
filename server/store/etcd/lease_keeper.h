// LeaseKeeper: one lease in etcd, granted when asked for and renewed until it is lost.
//
// By this process's own clock the lease lasts its TTL from the sending of the last renewal that
// succeeded, so never longer than etcd lets it live. A grant nobody answered is asked for again
// under the same id, chosen here, and so is never two leases. Lives on one executor; the events are
// called as the last thing of a task.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/backoff.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/etcd_api.h"

namespace rollcall::etcd {

class LeaseKeeper {
 public:
  struct Events {
    std::function<void()> granted;
    // And still there.
    std::function<void()> renewed;
    std::function<void()> lost;
  };

  LeaseKeeper(EtcdApi& api, base::Executor& executor, const base::Clock& clock,
              base::Random& random, absl::Duration ttl, Events events);

  // Asks for a lease if there is none, until there is one.
  void Start();
  bool held() const { return phase_ == Phase::kHeld; }
  // Of the lease held, or asked for.
  int64_t id() const { return id_; }
  // Etcd says that there is no such lease.
  void Gone();
  // Revokes it; nothing is kept or called but `done` from then on. If it cannot be revoked the
  // answer comes, as an error, when its time is over. `done` may be null.
  using Done = absl::AnyInvocable<void(absl::Status)>;
  void End(Done done);

  // When the last renewal that succeeded, of whichever lease, was sent.
  base::Instant confirmed() const { return confirmed_; }
  absl::Duration ttl() const { return ttl_; }

 private:
  enum class Phase { kIdle, kGranting, kHeld, kEnded };

  void NewLease();
  void Grant();
  void OnGrant(base::Instant sent, const absl::StatusOr<pb::LeaseGrantResponse>& answer);
  void Renew();
  void OnRenewal(base::Instant sent, const absl::StatusOr<pb::LeaseKeepAliveResponse>& answer);
  void Hold(base::Instant sent, int64_t ttl_seconds);
  void Lose();
  void Revoke();
  void OnRevoked(const absl::Status& status);
  absl::Duration RenewalWithin() const;
  void After(absl::Duration wait, void (LeaseKeeper::*step)());

  EtcdApi& api_;
  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  const int64_t asked_seconds_;
  const Events events_;

  Phase phase_ = Phase::kIdle;
  int64_t id_ = 0;
  // A grant under this id may have been carried out.
  bool may_exist_ = false;
  absl::Duration ttl_;
  base::Instant confirmed_ = base::Instant::FromOrigin(-absl::InfiniteDuration());
  // Until when there may be something to revoke.
  base::Instant over_;
  base::Backoff backoff_;
  Done ended_;
  // Of the lease at hand: its timers and answers.
  base::Lifeline life_;
};

}  // namespace rollcall::etcd
