#include "cli/bench/tally.h"

#include <algorithm>

namespace rollcall::cli {

Percentiles PercentilesOf(std::vector<absl::Duration> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&](size_t percent) { return values[(values.size() * percent + 99) / 100 - 1]; };
  return {at(50), at(90), at(99), values.back()};
}

void Tally::Ended(const absl::Status& status, absl::Duration latency) {
  if (status.ok()) return Took(latency);
  Failed(absl::StatusCodeToString(status.code()));
}

uint64_t Tally::failed() const {
  uint64_t sum = 0;
  for (const auto& [why, count] : failures_) sum += count;
  return sum;
}

}  // namespace rollcall::cli
