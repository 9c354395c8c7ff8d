#include "examples/shop/load/ledger.h"

#include <algorithm>
#include <cmath>

namespace shop {
namespace {

using nlohmann::json;

// By nearest rank; sorts what it is given.
json Percentiles(std::vector<double> ms) {
  if (ms.empty()) return nullptr;
  std::sort(ms.begin(), ms.end());
  const auto at = [&](double share) {
    const size_t rank = static_cast<size_t>(std::ceil(share * ms.size()));
    return std::round(ms[std::max<size_t>(rank, 1) - 1] * 1000) / 1000;
  };
  return {{"p50", at(0.5)}, {"p90", at(0.9)}, {"p99", at(0.99)}, {"max", at(1)}};
}

}  // namespace

void Ledger::Add(const Outcome& outcome) {
  const std::lock_guard lock(mu_);
  latencies_ms_.push_back(outcome.latency_ms);
  if (!outcome.error.empty()) {
    ++failed_;
    ++errors_[outcome.error];
  }
  for (const auto& [service, instance] : outcome.served_by) ++served_by_[service][instance];
}

json Ledger::Progress() {
  const std::lock_guard lock(mu_);
  const std::vector<double> recent(latencies_ms_.begin() + reported_, latencies_ms_.end());
  reported_ = latencies_ms_.size();
  return {{"made", latencies_ms_.size()}, {"failed", failed_}, {"latency_ms", Percentiles(recent)}};
}

json Ledger::Report() const {
  const std::lock_guard lock(mu_);
  return {{"made", latencies_ms_.size()},
          {"failed", failed_},
          {"latency_ms", Percentiles(latencies_ms_)},
          {"served_by", served_by_},
          {"errors", errors_}};
}

}  // namespace shop
