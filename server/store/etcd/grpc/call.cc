#include "server/store/etcd/grpc/call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::etcd {
namespace {

// The member, or the way to it, is in trouble; another one may do better.
bool IsOfTheMember(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kInternal:
      return true;
    default:
      return false;
  }
}

}  // namespace

Call::Call(Wiring& wiring, CallPolicy policy, base::Instant deadline)
    : wiring_(wiring),
      policy_(policy),
      deadline_(deadline),
      backoff_(wiring.options.timing.backoff_first, wiring.options.timing.backoff_most) {}

void Call::Start() {
  waiting_ = false;
  if (over()) return;
  if (TimeLeft() <= absl::ZeroDuration()) return OnDeadline();
  Member* member = Choose();
  if (member == nullptr) return WaitForMember();
  if (policy_.with_token && !wiring_.authenticator->ready()) return WaitForToken();
  Send(*member);
}

void Call::Abandon() {
  over_ = true;
  if (deadline_timer_) wiring_.thread.Cancel(*deadline_timer_);
  if (flight_ != nullptr) flight_->GiveUp(absl::CancelledError("not wanted any more"));
}

void Call::WaitForMember() {
  waiting_ = true;
  ArmDeadline();
  wiring_.members->WhenConnected([self = shared_from_this()] {
    if (self->waiting_) self->Start();
  });
}

void Call::WaitForToken() {
  waiting_ = true;
  ArmDeadline();
  wiring_.authenticator->Get([self = shared_from_this()](const absl::Status& status) {
    if (!self->waiting_) return;
    if (status.ok()) return self->Start();
    self->waiting_ = false;
    self->GiveFailure(status);
  });
}

void Call::ArmDeadline() {
  if (deadline_timer_) return;
  deadline_timer_ = wiring_.thread.PostAt(deadline_, [self = shared_from_this()] {
    self->deadline_timer_.reset();
    if (self->waiting_) self->OnDeadline();
  });
}

// Only while nothing is under way: an attempt has its own deadline.
void Call::OnDeadline() {
  const std::string troubles = wiring_.members->Troubles();
  GiveFailure(absl::UnavailableError(
      absl::StrCat("etcd did not answer in time", last_.ok() ? "" : ": ", last_.message(),
                   troubles.empty() ? "" : " (", troubles, troubles.empty() ? "" : ")")));
}

void Call::GiveFailure(absl::Status why) {
  if (over()) return;
  Abandon();
  Fail(std::move(why));
}

bool Call::may_renew_token() const {
  return policy_.with_token && wiring_.authenticator->has_user() && !token_renewed_;
}

absl::Duration Call::TimeForAttempt() const {
  const absl::Duration left = TimeLeft();
  if (!policy_.repeatable) return left;
  return std::min(left, std::max(wiring_.options.timing.attempt, left / 3));
}

void Call::Depart(Member& member, std::shared_ptr<Flight> flight) {
  flight_ = std::move(flight);
  if (policy_.needs_leader) flight_->context.AddMetadata("hasleader", "true");
  const std::string& token = wiring_.authenticator->token();
  token_generation_ = wiring_.authenticator->generation();
  if (policy_.with_token && !token.empty()) flight_->context.AddMetadata("token", token);
  member.Begin(*flight_);
}

bool Call::Landed(Member& member) {
  const std::shared_ptr<Flight> flight = std::move(flight_);
  member.End(*flight);
  if (over()) return false;
  absl::Status result = flight->Result();
  if (!IsOfTheMember(result)) member.Heard();
  if (result.ok()) {
    Abandon();
    return true;
  }
  Decide(member, std::move(result));
  return false;
}

void Call::Decide(Member& member, absl::Status result) {
  if (IsTokenRefused(result) && may_renew_token()) {
    token_renewed_ = true;
    wiring_.authenticator->Refused(token_generation_);
    return Start();
  }
  if (!IsOfTheMember(result)) return GiveFailure(std::move(result));
  wiring_.members->Failed(member);
  if (!policy_.repeatable) return GiveFailure(std::move(result));
  last_ = std::move(result);
  TryAgainLater();
}

void Call::TryAgainLater() {
  waiting_ = true;
  ArmDeadline();
  const absl::Duration wait = backoff_.Next(wiring_.random);
  wiring_.thread.PostAt(wiring_.clock.Steady() + wait, [self = shared_from_this()] {
    if (self->waiting_) self->Start();
  });
}

}  // namespace rollcall::etcd
