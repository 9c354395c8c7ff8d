// Presence: says in the store that this node is there, and how it is, for as long as it lives.
//
// Ready, draining and the answer to an audit are told at once; the load at most every kLoadInterval
// and only when it is another. It also finds out when the store may no longer believe in us: when
// no renewal of the lease has succeeded for half its time, our clients had better be elsewhere
// before others take us for dead.
//
// Belongs to the executor, which runs no more tasks once it is destroyed.
#pragma once

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "rollcall/internal/v1/records.pb.h"
#include "server/store/leases.h"

namespace rollcall::cluster {

class Presence {
 public:
  static constexpr absl::Duration kLoadInterval = absl::Seconds(5);
  // How long the others have to hear that this node leaves.
  static constexpr absl::Duration kTellLeaving = absl::Milliseconds(300);
  // How often the lease is looked at while it is not confirmed.
  static constexpr absl::Duration kLook = absl::Milliseconds(100);

  // Fills in what is counted; `ready` is not asked for.
  using ReadLoad = std::function<void(internal::v1::NodeLoad&)>;
  using Confirmed = std::function<void(bool)>;

  // `self`: id, addresses, version, start, incarnation.
  Presence(store::Leases& leases, base::Executor& executor, const base::Clock& clock,
           internal::v1::NodeRecord self, ReadLoad read_load);

  // Called whenever the presence is confirmed after it was not, or is no longer: no renewal sent
  // within half the lease has succeeded. Not confirmed at first. Before Start.
  void OnConfirmed(Confirmed confirmed) { on_confirmed_ = std::move(confirmed); }
  // Announces this node, once.
  void Start();
  // Told with Start, or at once afterwards.
  void SetReady(bool ready);
  void SetDraining();
  // Announces the same again, for somebody has written over it.
  void Insist() { Announce(); }
  void SetAudit(internal::v1::AuditAnswer answer);
  // Takes the announcement back, once the others have been told that this node leaves in good order
  // (OnOwnRecord), or kTellLeaving later; nothing else is told or called afterwards but `done`,
  // which may be null.
  void Withdraw(absl::AnyInvocable<void(absl::Status)> done);
  // This node's record as the others see it by now.
  void OnOwnRecord(const internal::v1::NodeRecord& seen);

  bool confirmed() const { return confirmed_; }
  const internal::v1::NodeRecord& self() const { return self_; }

 private:
  void Announce();
  void Look();
  void LookAtLoad(base::Instant now);
  void Drop();
  // When the confirmation runs out.
  base::Instant ConfirmedUntil() const;

  store::Leases& leases_;
  base::Executor& executor_;
  const base::Clock& clock_;
  const ReadLoad read_load_;
  internal::v1::NodeRecord self_;
  Confirmed on_confirmed_;

  enum class Phase { kQuiet, kAnnounced, kLeaving, kWithdrawn };
  Phase phase_ = Phase::kQuiet;
  bool confirmed_ = false;
  base::Instant load_looked_at_;
  absl::AnyInvocable<void(absl::Status)> withdrawn_;  // while kLeaving
};

}  // namespace rollcall::cluster
