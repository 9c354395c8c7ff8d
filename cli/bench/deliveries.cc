#include "cli/bench/deliveries.h"

namespace rollcall::cli {

void Deliveries::Acknowledged(const std::string& instance, base::Instant at) {
  if (halves_.erase(instance) > 0) return tally_.Took(absl::ZeroDuration());
  halves_.insert({instance, {First::kAcknowledged, at}});
  ++missing_;
}

void Deliveries::Told(const std::string& instance, base::Instant at) {
  const auto half = halves_.find(instance);
  if (half == halves_.end()) {
    halves_.insert({instance, {First::kTold, at}});
    return;
  }
  // Told again of the same.
  if (half->second.first == First::kTold) return;
  tally_.Took(at - half->second.at);
  halves_.erase(half);
  --missing_;
}

void Deliveries::GiveUp(absl::string_view why) {
  for (; missing_ > 0; --missing_) tally_.Failed(why);
  halves_.clear();
}

}  // namespace rollcall::cli
