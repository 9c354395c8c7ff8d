#include "examples/shop/gateway/tally.h"

namespace shop {

void Tally::Attempted(const std::string& instance, int number) {
  const std::lock_guard lock(mu_);
  Counts& counts = totals_.instances[instance];
  ++counts.attempts;
  counts.last_attempt = std::chrono::steady_clock::now();
  if (number > 1) ++totals_.repeated;
}

void Tally::Returned(const std::string& instance, bool served) {
  const std::lock_guard lock(mu_);
  Counts& counts = totals_.instances[instance];
  ++(served ? counts.served : counts.failed);
}

void Tally::Finished(bool ok) {
  const std::lock_guard lock(mu_);
  ++totals_.calls;
  if (!ok) ++totals_.failed;
}

Tally::Totals Tally::totals() const {
  const std::lock_guard lock(mu_);
  return totals_;
}

}  // namespace shop
