// SubscriptionCell: what a Subscription and the core share: the newest view and when it was
// confirmed.
//
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/instant.h"
#include "client-sdk/base/mutex.h"
#include "client-sdk/src/gate.h"
#include "rollcall/discovery.h"

namespace rollcall::sdk {

class SubscriptionCell {
 public:
  SubscriptionCell(std::shared_ptr<Gate> gate, const std::string& service,
                   std::function<void(const ViewPtr&)> on_change);

  ViewPtr view() const;
  absl::Duration age() const;
  absl::Status status() const;
  absl::Status WaitFor(const std::function<bool(const ServiceView&)>& condition,
                       absl::Duration limit) const;
  // False before the first answer, of the registry or of the disk.
  bool IsKnown() const;
  // Calls `then` once, unless the cell goes before: at once if IsKnown, else on the core's executor
  // with the first answer, be it a refusal.
  void WhenKnown(std::function<void()> then);

  // On the core's executor. `confirmed_at`: when the registry last vouched for the view.
  void Publish(ViewPtr view, base::Instant confirmed_at);
  void Confirm(base::Instant confirmed_at);
  void Fail(absl::Status status);

  Gate& gate() const { return *gate_; }

 private:
  using Waiters = std::vector<std::function<void()>>;
  bool IsKnownLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Waiters TakeWaiters() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::shared_ptr<Gate> gate_;
  const std::function<void(const ViewPtr&)> on_change_;
  mutable base::Mutex mu_;
  mutable base::CondVar changed_;
  ViewPtr view_ ABSL_GUARDED_BY(mu_);
  base::Instant confirmed_at_ ABSL_GUARDED_BY(mu_);
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  Waiters waiters_ ABSL_GUARDED_BY(mu_);  // for the first answer
};

}  // namespace rollcall::sdk
