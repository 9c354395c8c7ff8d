#include "client-sdk/src/retry_budget.h"

#include "client-sdk/base/mutant.h"

namespace rollcall::sdk {
namespace {

int64_t SecondOf(base::Instant now) { return absl::ToInt64Seconds(now.SinceOrigin()); }

}  // namespace

RetryBudget::Slot& RetryBudget::SlotFor(int64_t second) {
  Slot& slot = slots_[static_cast<size_t>(second % kSeconds)];
  if (slot.second != second) slot = {.second = second};
  return slot;
}

void RetryBudget::OnCall(base::Instant now) { SlotFor(SecondOf(now)).paid_in += options_.share; }

bool RetryBudget::TryRetry(base::Instant now) {
  const int64_t second = SecondOf(now);
  double balance = static_cast<double>(options_.always_per_second) * kSeconds;
  for (const Slot& slot : slots_) {
    if (slot.second > second - kSeconds) balance += slot.paid_in - slot.taken;
  }
  if (balance < 1 && !MUTANT(retries_without_budget)) return false;
  SlotFor(second).taken += 1;
  return true;
}

void RetryBudget::Return(base::Instant now) { SlotFor(SecondOf(now)).taken -= 1; }

}  // namespace rollcall::sdk
