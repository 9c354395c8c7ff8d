// The part of Session that takes its stream to another server while the present one still stands.
#include <algorithm>
#include <utility>

#include "client-sdk/src/convert.h"
#include "client-sdk/src/session.h"

namespace rollcall::sdk {

void Session::OnMoveTo(const v1::KeepAliveResponse& message) {
  const v1::KeepAliveResponse::MoveTo& wish = message.move_to();
  if (link_ == nullptr) return;
  offered_.assign(wish.servers().begin(), wish.servers().end());
  context_.servers.Learn(offered_);
  std::erase(offered_, link_->server());
  MoveWithin(message.store_reachable() ? Move::kAsked : Move::kStoreAway,
             DurationFromProto(wish.after()));
}

void Session::Spread() {
  if (move_ == Move::kNone) MoveWithin(Move::kSpread, kSpreadTime);
}

// It may be frozen, or the way to it cut: be elsewhere before others take us for dead.
void Session::OnSilent(SessionLink& link) {
  if (&link != link_.get() || next_link_ != nullptr) return;
  if (move_ == Move::kNone || move_ == Move::kSpread) move_ = Move::kSilent;
  MoveNow();
}

void Session::MoveWithin(Move why, absl::Duration within) {
  if (link_ == nullptr || phase_ == Phase::kLeaving || phase_ == Phase::kGone) return;
  move_ = why;
  if (move_timer_) context_.executor.Cancel(*move_timer_);
  // Not all clients of a server at once.
  const base::Instant when =
      context_.clock.Steady() + context_.random.Between(absl::ZeroDuration(), within);
  move_timer_ = context_.executor.PostAt(when, lifeline_.Guard([this] {
    move_timer_.reset();
    MoveNow();
  }));
}

void Session::MoveNow() {
  if (move_ == Move::kNone || link_ == nullptr || next_link_ != nullptr) return;
  if (phase_ == Phase::kLeaving || phase_ == Phase::kGone) return StopMoving();
  const std::string to = MoveTarget();
  if (to.empty()) return OnMoveFailed();
  next_link_ = MakeLink(to);
}

std::string Session::MoveTarget() {
  const std::string& from = link_->server();
  if (move_ == Move::kSpread) {
    return context_.servers.preferred() == from ? "" : context_.servers.preferred();
  }
  if (offered_.empty()) return context_.servers.AnotherThan(from);
  // Once each: afterwards any that is known, as they may all be away by then.
  const size_t at = context_.random.Below(offered_.size());
  std::swap(offered_[at], offered_.back());
  std::string to = std::move(offered_.back());
  offered_.pop_back();
  return to;
}

void Session::OnMoveFailed() {
  if (move_ != Move::kAsked && move_ != Move::kStoreAway) return StopMoving();
  MoveWithin(move_, move_backoff_.Next(context_.random));
}

void Session::StopMoving() {
  move_ = Move::kNone;
  offered_.clear();
  move_backoff_.Reset();
  if (move_timer_) context_.executor.Cancel(*move_timer_);
  move_timer_.reset();
}

}  // namespace rollcall::sdk
