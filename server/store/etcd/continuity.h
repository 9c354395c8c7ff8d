// Continuity: what a follower hears of whether it hears everything: caught up, interrupted, caught
// up again.
//
// Trouble that ends within kQuiet is not told. Lives on one executor.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class Continuity {
 public:
  static constexpr absl::Duration kQuiet = absl::Seconds(1);

  Continuity(base::Executor& executor, const base::Clock& clock)
      : executor_(executor), clock_(clock) {}

  // Before all else.
  void Begin(store::Follower& follower) { follower_ = &follower; }
  void CaughtUp();
  // Something failed, and is tried again.
  void Trouble(const absl::Status& why);
  // Changes are missing for certain.
  void Interrupt(const absl::Status& why);
  bool caught_up() const { return phase_ == Phase::kCaughtUp; }

 private:
  enum class Phase { kNew, kCaughtUp, kInterrupted };

  void EndTrouble();

  base::Executor& executor_;
  const base::Clock& clock_;
  store::Follower* follower_ = nullptr;
  Phase phase_ = Phase::kNew;
  absl::Status trouble_;  // the latest
  std::optional<base::Executor::TimerId> timer_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
