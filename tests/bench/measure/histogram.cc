#include "tests/bench/measure/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace rollcall::bench {
namespace {

// Below 2^kLinearBits nanoseconds each has a bucket of its own; above, each power of two has
// 2^(kLinearBits - 1).
constexpr int kLinearBits = 7;
constexpr int kHalf = 1 << (kLinearBits - 1);
constexpr int kPowers = 45;
constexpr size_t kBuckets = (kPowers - kLinearBits + 2) * kHalf;

size_t BucketOf(uint64_t ns) {
  const int width = std::bit_width(ns);
  const int shift = std::max(0, width - kLinearBits);
  return std::min(kBuckets - 1, static_cast<size_t>(shift * kHalf + (ns >> shift)));
}

// The last value that falls into it.
uint64_t EndOf(size_t bucket) {
  if (bucket < 2 * kHalf) return bucket;
  const size_t shift = bucket / kHalf - 1;
  return ((bucket - shift * kHalf + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(kBuckets) {}

void Histogram::Add(absl::Duration value) {
  value = std::max(value, absl::ZeroDuration());
  ++buckets_[BucketOf(static_cast<uint64_t>(absl::ToInt64Nanoseconds(value)))];
  ++count_;
  sum_ += value;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::Merge(const Histogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

absl::Duration Histogram::min() const { return count_ == 0 ? absl::ZeroDuration() : min_; }

absl::Duration Histogram::mean() const {
  return count_ == 0 ? absl::ZeroDuration() : sum_ / static_cast<int64_t>(count_);
}

absl::Duration Histogram::Percentile(double share) const {
  const auto wanted = std::max<uint64_t>(
      1, static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_) - 1e-9)));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= wanted) {
      return std::min(max_, absl::Nanoseconds(static_cast<int64_t>(EndOf(i))));
    }
  }
  return max_;
}

}  // namespace rollcall::bench
