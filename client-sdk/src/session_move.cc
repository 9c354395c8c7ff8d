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
  if (link_ == nullptr) spread_ = true;
  if (move_ == Move::kNone) MoveWithin(Move::kSpread, kSpreadTime);
}

// It may be frozen, or the way to it cut: be elsewhere before others take us for dead.
void Session::OnSilent(SessionLink& link) {
  if (&link != link_.get() || !tries_.empty()) return;
  if (move_ == Move::kNone || move_ == Move::kSpread) move_ = Move::kSilent;
  MoveNow();
}

void Session::MoveWithin(Move why, absl::Duration within) {
  // Not all clients of a server at once.
  MoveAfter(why, context_.random.Between(absl::ZeroDuration(), within));
}

void Session::MoveAfter(Move why, absl::Duration wait) {
  if (link_ == nullptr || phase_ == Phase::kLeaving || phase_ == Phase::kGone) return;
  move_ = why;
  if (move_timer_) context_.executor.Cancel(*move_timer_);
  const base::Instant when = context_.clock.Steady() + wait;
  move_timer_ = context_.executor.PostAt(when, lifeline_.Guard([this] {
    move_timer_.reset();
    MoveNow();
  }));
}

void Session::MoveNow() {
  if (move_ == Move::kNone || link_ == nullptr || !tries_.empty()) return;
  if (phase_ == Phase::kLeaving || phase_ == Phase::kGone) return StopMoving();
  std::vector<std::string> to = MoveTargets();
  if (to.empty()) return OnMoveFailed();
  BeginRound(std::move(to));
}

std::vector<std::string> Session::MoveTargets() {
  const std::string& from = link_->server();
  if (move_ == Move::kSpread) {
    if (context_.servers.preferred() == from) return {};
    return {context_.servers.preferred()};
  }
  std::vector<std::string> others = context_.servers.OthersThan(from);
  // Those it was told of first, once: afterwards any that is known, as they may all be away by
  // then.
  std::stable_partition(others.begin(), others.end(), [this](const std::string& server) {
    return std::find(offered_.begin(), offered_.end(), server) != offered_.end();
  });
  offered_.clear();
  return others;
}

void Session::OnMoveFailed() {
  if (move_ != Move::kAsked && move_ != Move::kStoreAway) return StopMoving();
  const absl::Duration wait = move_backoff_.Next(context_.random);
  // Soon, where somebody else may count the TTL: he grants it in full when he learns that he does.
  MoveAfter(move_, astray_ ? std::min(wait, ttl_ / 4) : wait);
}

void Session::StopMoving() {
  move_ = Move::kNone;
  offered_.clear();
  move_backoff_.Reset();
  if (move_timer_) context_.executor.Cancel(*move_timer_);
  move_timer_.reset();
}

}  // namespace rollcall::sdk
