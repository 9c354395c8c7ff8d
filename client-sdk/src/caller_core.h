// CallerCore: what a Caller's calls share: the picker of the newest view, the ejector, the budget.
//
// Thread-safe; one short lock per pick and per outcome.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "client-sdk/base/mutex.h"
#include "client-sdk/base/random.h"
#include "client-sdk/src/ejector.h"
#include "client-sdk/src/gate.h"
#include "client-sdk/src/retry_budget.h"
#include "client-sdk/src/subscription_cell.h"
#include "rollcall/call.h"

namespace rollcall::sdk {

class CallerCore {
 public:
  CallerCore(std::shared_ptr<Gate> gate, std::shared_ptr<SubscriptionCell> cell,
             const CallerOptions& options, uint64_t seed);

  // Until the first view is there, but not beyond `deadline`, nor for longer after this was made
  // than a call may take: a registry that is away makes only the first calls wait. Blocks, except
  // on the core's own thread.
  void AwaitView(base::Instant deadline) const;
  // The same without blocking: then calls `go`, once.
  void WhenView(base::Instant deadline, std::function<void()> go) const;

  // Not one of `tried`; one that is set aside only if there is no other. Empty if there is none.
  Picked Pick(const std::set<std::string>& tried);
  void ReportOutcome(const Instance& instance, const absl::Status& outcome);
  void OnCall();
  // True if, after this answer, another attempt may be made.
  bool MayRetry(const absl::Status& answer, int attempts_made);
  // It was not made: there was nobody left to try, or no time.
  void ReturnRetry();
  absl::Duration AttemptTimeout(absl::Duration left, int attempts_made) const;
  std::vector<std::string> Aside() const;

  const CallerOptions& options() const { return options_; }
  const base::Clock& clock() const { return gate_->clock(); }
  base::Executor& executor() const { return gate_->executor(); }
  // One to call is in the view.
  bool HasInstance() const { return !cell_->view()->serving().empty(); }
  std::string NoInstance() const;

 private:
  void Refresh() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::shared_ptr<Gate> gate_;
  const std::shared_ptr<SubscriptionCell> cell_;
  const CallerOptions options_;
  const base::Instant patient_until_;
  mutable base::Mutex mu_;
  base::SeededRandom random_ ABSL_GUARDED_BY(mu_);
  ViewPtr view_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<Picker> picker_ ABSL_GUARDED_BY(mu_);
  Ejector ejector_ ABSL_GUARDED_BY(mu_);
  RetryBudget budget_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::sdk
