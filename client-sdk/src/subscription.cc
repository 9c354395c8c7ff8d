#include <utility>

#include "client-sdk/src/core.h"
#include "client-sdk/src/subscription_cell.h"
#include "rollcall/discovery.h"

namespace rollcall {
namespace {

void Drop(const std::shared_ptr<sdk::SubscriptionCell>& cell) {
  if (cell == nullptr) return;
  cell->gate().Post([cell](sdk::Core& core) { core.watcher().Remove(*cell); });
}

}  // namespace

Subscription::Subscription() = default;
Subscription::Subscription(std::shared_ptr<sdk::SubscriptionCell> cell) : cell_(std::move(cell)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this != &other) {
    Drop(cell_);
    cell_ = std::move(other.cell_);
  }
  return *this;
}
Subscription::~Subscription() { Drop(cell_); }

ViewPtr Subscription::view() const {
  if (cell_ != nullptr) return cell_->view();
  return std::make_shared<ServiceView>("", std::vector<InstancePtr>{}, ViewOrigin{});
}

absl::Duration Subscription::age() const {
  return cell_ == nullptr ? absl::InfiniteDuration() : cell_->age();
}

absl::Status Subscription::status() const {
  if (cell_ == nullptr) return absl::FailedPreconditionError("the subscription is empty");
  return cell_->status();
}

absl::Status Subscription::WaitFor(const std::function<bool(const ServiceView&)>& condition,
                                   absl::Duration limit) const {
  if (cell_ == nullptr) return absl::FailedPreconditionError("the subscription is empty");
  return cell_->WaitFor(condition, limit);
}

absl::Status Subscription::WaitUntilVerified(absl::Duration limit) const {
  return WaitFor([](const ServiceView& view) { return view.verified(); }, limit);
}

absl::Status Subscription::WaitForServing(size_t count, absl::Duration limit) const {
  return WaitFor([count](const ServiceView& view) { return view.serving().size() >= count; },
                 limit);
}

}  // namespace rollcall
