#include "client-sdk/src/subscription_cell.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::sdk {

SubscriptionCell::SubscriptionCell(std::shared_ptr<Gate> gate, const std::string& service,
                                   std::function<void(const ViewPtr&)> on_change)
    : gate_(std::move(gate)),
      on_change_(std::move(on_change)),
      view_(std::make_shared<ServiceView>(service, std::vector<InstancePtr>{}, ViewOrigin{})),
      confirmed_at_(base::Instant::FromOrigin(-absl::InfiniteDuration())) {}

ViewPtr SubscriptionCell::view() const {
  base::MutexLock lock(mu_);
  return view_;
}

absl::Duration SubscriptionCell::age() const {
  base::MutexLock lock(mu_);
  return gate_->clock().Steady() - confirmed_at_;
}

absl::Status SubscriptionCell::status() const {
  base::MutexLock lock(mu_);
  return status_;
}

absl::Status SubscriptionCell::WaitFor(const std::function<bool(const ServiceView&)>& condition,
                                       absl::Duration limit) const {
  const base::Instant end = gate_->clock().Steady() + limit;
  const bool may_block = !gate_->OnCoreThread();
  while (true) {
    const ViewPtr view = this->view();
    if (condition(*view)) return absl::OkStatus();  // The user's code: never under our lock.
    if (absl::Status status = this->status(); !status.ok()) return status;
    if (!may_block) return absl::FailedPreconditionError("a callback must not wait");
    const absl::Duration left = end - gate_->clock().Steady();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(
          absl::StrCat("service \"", view->service(), "\" is not as waited for after ",
                       absl::FormatDuration(limit), ": ", view->serving().size(),
                       " instances to call, ", view->verified() ? "verified" : "not verified"));
    }
    base::MutexLock lock(mu_);
    if (view_ == view && status_.ok()) changed_.WaitFor(mu_, left);
  }
}

bool SubscriptionCell::IsKnownLocked() const {
  return view_->verified() || !view_->instances().empty() || !status_.ok();
}

bool SubscriptionCell::IsKnown() const {
  base::MutexLock lock(mu_);
  return IsKnownLocked();
}

void SubscriptionCell::WhenKnown(std::function<void()> then) {
  {
    base::MutexLock lock(mu_);
    if (!IsKnownLocked()) {
      waiters_.push_back(std::move(then));
      return;
    }
  }
  then();
}

SubscriptionCell::Waiters SubscriptionCell::TakeWaiters() {
  return IsKnownLocked() ? std::exchange(waiters_, {}) : Waiters();
}

void SubscriptionCell::Publish(ViewPtr view, base::Instant confirmed_at) {
  Waiters waiters;
  {
    base::MutexLock lock(mu_);
    view_ = view;
    confirmed_at_ = confirmed_at;
    changed_.NotifyAll();
    waiters = TakeWaiters();
  }
  if (on_change_) on_change_(view);
  for (const auto& then : waiters) then();
}

void SubscriptionCell::Confirm(base::Instant confirmed_at) {
  base::MutexLock lock(mu_);
  if (confirmed_at > confirmed_at_) confirmed_at_ = confirmed_at;
}

void SubscriptionCell::Fail(absl::Status status) {
  Waiters waiters;
  {
    base::MutexLock lock(mu_);
    status_ = std::move(status);
    changed_.NotifyAll();
    waiters = TakeWaiters();
  }
  for (const auto& then : waiters) then();
}

}  // namespace rollcall::sdk
