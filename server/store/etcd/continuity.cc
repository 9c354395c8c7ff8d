#include "server/store/etcd/continuity.h"

#include <utility>

namespace rollcall::etcd {

void Continuity::CaughtUp() {
  EndTrouble();
  if (phase_ == Phase::kCaughtUp) return;
  phase_ = Phase::kCaughtUp;
  follower_->OnCaughtUp();
}

void Continuity::Trouble(const absl::Status& why) {
  trouble_ = why;
  if (phase_ == Phase::kInterrupted || timer_) return;
  timer_ = executor_.PostAt(clock_.Steady() + kQuiet, lifeline_.Guard([this] {
    timer_.reset();
    Interrupt(trouble_);
  }));
}

void Continuity::Interrupt(const absl::Status& why) {
  EndTrouble();
  if (phase_ == Phase::kInterrupted) return;
  phase_ = Phase::kInterrupted;
  follower_->OnInterrupted(why);
}

void Continuity::EndTrouble() {
  if (timer_) executor_.Cancel(*std::exchange(timer_, std::nullopt));
}

}  // namespace rollcall::etcd
