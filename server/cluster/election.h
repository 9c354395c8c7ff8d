// Election: seeks one office of the cluster for this node, and tells when it has it.
//
// An office is a leased key whose value is the node that holds it. Who sees it free asks for it
// after a short random wait; the store decides. What the watch tells is a hint only, for it may be
// late: before an office is believed to be lost to another, the store is asked. When the lease may
// be lost the office is given up at once, before anybody else can have it.
//
// Belongs to the executor. The Leases must be destroyed first, or outlive this.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client-sdk/base/backoff.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/base/random.h"
#include "server/model/ids.h"
#include "server/store/leases.h"

namespace rollcall::cluster {

class Election {
 public:
  // Those who see an office free at once ask for it within this time.
  static constexpr absl::Duration kSpread = absl::Milliseconds(200);
  // When an office was refused and the watch still says that it is free.
  static constexpr absl::Duration kAskAgain = absl::Seconds(1);

  using OnChange = std::function<void(bool held)>;

  Election(store::Leases& leases, base::Executor& executor, const base::Clock& clock,
           base::Random& random, std::string key, NodeId self, OnChange on_change);

  // Seeks the office from now on. Once the node has caught up: until it is told otherwise it takes
  // the office for free.
  void Start();
  // Gives the office up and seeks it no more, until the next Start. `done`, which may be null,
  // hears when it is free.
  void Stop(absl::AnyInvocable<void(absl::Status)> done);
  bool held() const { return phase_ == Phase::kHeld || phase_ == Phase::kDoubted; }

  // A control key as it stands in the store; keys other than the office's are passed over.
  void OnControl(absl::string_view key, Revision revision, const std::optional<std::string>& value);
  // The lease, and with it the office, may be lost.
  void OnLeaseLost();

 private:
  enum class Phase {
    kStopped,
    kFollowing,  // somebody has it
    kWaiting,    // to ask for it
    kAsking,
    kHeld,
    kDoubted,  // held, and the store is asked whether it still is
  };

  bool LooksOurs() const { return !holder_ || *holder_ == self_.value(); }
  // Asks soon, if it looks free.
  void Consider(absl::Duration wait);
  void Ask(Phase phase);
  void OnAnswer(uint64_t asking, const absl::StatusOr<bool>& ours);
  void OnRefused();
  void Later(absl::Duration wait);

  store::Leases& leases_;
  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::string key_;
  const NodeId self_;
  const OnChange on_change_;

  Phase phase_ = Phase::kStopped;
  // By the watch; nullopt: nobody.
  std::optional<std::string> holder_;
  // Doubted, and the watch has told something since the store was asked.
  bool told_since_ = false;
  base::Backoff backoff_{absl::Milliseconds(200), absl::Seconds(5)};
  // Answers to and waits of earlier ones count no more.
  uint64_t asking_ = 0;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::cluster
