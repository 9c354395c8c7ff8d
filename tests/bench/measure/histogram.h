// Histogram: how often which duration was seen, in buckets that are at most 1/64 wide of what they
// hold, from a nanosecond to hours.
//
// A log-linear table of fixed size: adding takes constant time and no memory. Thread-compatible.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace rollcall::bench {

class Histogram {
 public:
  Histogram();

  // Negative durations count as zero, those beyond the last bucket (about 9 hours) as that.
  void Add(absl::Duration value);
  void Merge(const Histogram& other);

  uint64_t count() const { return count_; }
  // As they were, not rounded to a bucket; zero if nothing was added.
  absl::Duration min() const;
  absl::Duration max() const { return max_; }
  absl::Duration mean() const;
  // The least duration that at least `share` (0 to 1) of all do not exceed, rounded up to the end
  // of its bucket, but never beyond max(). Zero if nothing was added.
  absl::Duration Percentile(double share) const;

 private:
  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
  absl::Duration sum_;
  absl::Duration min_ = absl::InfiniteDuration();
  absl::Duration max_;
};

}  // namespace rollcall::bench
