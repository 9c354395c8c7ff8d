#include "server/cluster/presence.h"

#include <algorithm>
#include <utility>

#include "server/model/keys.h"

namespace rollcall::cluster {

Presence::Presence(store::Leases& leases, base::Executor& executor, const base::Clock& clock,
                   internal::v1::NodeRecord self, ReadLoad read_load)
    : leases_(leases),
      executor_(executor),
      clock_(clock),
      read_load_(std::move(read_load)),
      self_(std::move(self)) {}

void Presence::Start() {
  if (phase_ != Phase::kQuiet) return;
  phase_ = Phase::kAnnounced;
  Announce();
  Look();
}

void Presence::SetReady(bool ready) {
  if (self_.load().ready() == ready) return;
  self_.mutable_load()->set_ready(ready);
  Announce();
}

void Presence::SetDraining() {
  if (self_.draining()) return;
  self_.set_draining(true);
  Announce();
}

void Presence::SetAudit(internal::v1::AuditAnswer answer) {
  *self_.mutable_audit() = std::move(answer);
  Announce();
}

void Presence::Withdraw(absl::AnyInvocable<void(absl::Status)> done) {
  withdrawn_ = std::move(done);
  // Who is not believed in can tell nobody.
  if (phase_ != Phase::kAnnounced || clock_.Steady() >= ConfirmedUntil()) return Drop();
  self_.set_leaving(true);
  Announce();
  phase_ = Phase::kLeaving;
  executor_.PostAt(clock_.Steady() + kTellLeaving, [this] {
    if (phase_ == Phase::kLeaving) Drop();
  });
}

void Presence::OnOwnRecord(const internal::v1::NodeRecord& seen) {
  const bool told = seen.leaving() && seen.incarnation() == self_.incarnation();
  if (phase_ == Phase::kLeaving && told) Drop();
}

void Presence::Drop() {
  phase_ = Phase::kWithdrawn;
  leases_.Drop(NodeKeyOf(NodeId(self_.id())), std::move(withdrawn_));
}

void Presence::Announce() {
  if (phase_ != Phase::kAnnounced) return;
  read_load_(*self_.mutable_load());
  load_looked_at_ = clock_.Steady();
  leases_.Keep(NodeKeyOf(NodeId(self_.id())), self_.SerializeAsString());
}

base::Instant Presence::ConfirmedUntil() const { return leases_.confirmed() + leases_.ttl() / 2; }

void Presence::Look() {
  if (phase_ != Phase::kAnnounced) return;
  const base::Instant now = clock_.Steady();
  const base::Instant until = ConfirmedUntil();
  const bool confirmed = now < until;
  LookAtLoad(now);
  const base::Instant next_load = load_looked_at_ + kLoadInterval;
  executor_.PostAt(confirmed ? std::min(until, next_load) : now + kLook, [this] { Look(); });
  if (std::exchange(confirmed_, confirmed) != confirmed && on_confirmed_) on_confirmed_(confirmed);
}

void Presence::LookAtLoad(base::Instant now) {
  if (now < load_looked_at_ + kLoadInterval) return;
  load_looked_at_ = now;
  internal::v1::NodeLoad load = self_.load();
  read_load_(load);
  // Compared as bytes: the message has neither maps nor unknown fields.
  if (load.SerializeAsString() != self_.load().SerializeAsString()) Announce();
}

}  // namespace rollcall::cluster
