// Caller: makes calls to a service: picks an instance, retries on another one, and sets failing
// instances aside.
//
// All attempts of a call share one deadline. Retries draw on a budget, so that they cannot multiply
// an overload. Outcomes are remembered by instance: one that keeps failing is set aside for a while
// and then tried again with a single call.
//
// Thread-safe. The function that makes the call is the user's: Rollcall does not know the protocol.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "rollcall/discovery.h"
#include "rollcall/export.h"
#include "rollcall/picker.h"

namespace rollcall {

namespace sdk {
class CallerCore;
}

// When an instance is set aside, and for how long.
struct EjectionOptions {
  // Set aside after so many failures in a row; 0 never sets aside.
  int consecutive_failures = 3;
  // The first time for this long (with up to a tenth of jitter), each following time twice as long.
  absl::Duration first_time = absl::Seconds(5);
  absl::Duration longest_time = absl::Minutes(2);
  // At most this share of a service's serving instances is set aside (though always at least one,
  // if there are two or more): if all fail the fault is elsewhere.
  double largest_share = 0.5;
};

// Retries are at most `share` of the calls of the last ten seconds, plus `always_per_second`.
struct RetryBudgetOptions {
  double share = 0.2;
  int always_per_second = 10;
};

struct CallerOptions {
  WatchOptions watch = {};
  PickerOptions picker = {};
  // For the whole call, all attempts together.
  absl::Duration timeout = absl::Seconds(2);
  int max_attempts = 3;
  // For one attempt. Zero: what is left of the call, divided by the attempts left if
  // kDeadlineExceeded is among `retriable`.
  absl::Duration attempt_timeout = absl::ZeroDuration();
  // Codes after which another instance is tried. Add kDeadlineExceeded for calls that may safely be
  // made twice.
  std::vector<absl::StatusCode> retriable = {absl::StatusCode::kUnavailable};
  // Codes that count against the instance; any other code is an answer, and shows that it works.
  std::vector<absl::StatusCode> instance_faults = {
      absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded,
      absl::StatusCode::kInternal, absl::StatusCode::kUnknown};
  RetryBudgetOptions budget = {};
  EjectionOptions ejection = {};
};

// One try of one call.
struct Attempt {
  InstancePtr instance = {};
  // What the function must keep: as a length of time, and as a time of day for gRPC contexts.
  absl::Duration timeout;
  absl::Time deadline;
  // 1 for the first.
  int number = 1;
};

class ROLLCALL_EXPORT Caller {
 public:
  using Function = std::function<absl::Status(const Attempt&)>;
  using Done = std::function<void(absl::Status)>;
  // Must call `done` once, from any thread.
  using AsyncFunction = std::function<void(const Attempt&, Done done)>;

  // Made by Client::MakeCaller.
  Caller(Subscription subscription, std::shared_ptr<sdk::CallerCore> core);
  Caller(Caller&&) noexcept;
  Caller& operator=(Caller&&) noexcept;
  ~Caller();

  // Calls `function`, on the calling thread, until it succeeds or fails for good; returns its last
  // answer. UNAVAILABLE if there is no instance; a caller that was just made waits for the first
  // answer of the registry (or of the disk), at most for the time of a call. The function must
  // itself give up when attempt.timeout is over. `timeout` overrides the option.
  absl::Status Call(const Function& function) const;
  absl::Status Call(absl::Duration timeout, const Function& function) const;

  // The same without blocking. `done` is called once, at the latest soon after the deadline: on the
  // thread that calls an attempt's `done`, on the calling thread, or on the client's. If the
  // deadline passes during an attempt, its own answer is dropped.
  void CallAsync(AsyncFunction function, Done done) const;
  void CallAsync(absl::Duration timeout, AsyncFunction function, Done done) const;

  // One pick without retries, for calls that this class does not fit (streams, for example). Report
  // the outcome with ReportOutcome.
  Picked Pick() const;
  void ReportOutcome(const Instance& instance, const absl::Status& outcome) const;

  const Subscription& subscription() const;
  // Ids of the instances that are set aside now.
  std::vector<std::string> SetAside() const;

 private:
  std::shared_ptr<Subscription> subscription_;
  std::shared_ptr<sdk::CallerCore> core_;
};

}  // namespace rollcall
