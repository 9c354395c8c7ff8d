#include "tests/bench/measure/histogram.h"

#include "gtest/gtest.h"

namespace rollcall::bench {
namespace {

TEST(HistogramTest, IsEmptyAtFirst) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.Percentile(0.5), absl::ZeroDuration());
  EXPECT_EQ(histogram.min(), absl::ZeroDuration());
  EXPECT_EQ(histogram.mean(), absl::ZeroDuration());
}

TEST(HistogramTest, SmallDurationsAreExact) {
  Histogram histogram;
  for (int ns = 0; ns <= 100; ++ns) histogram.Add(absl::Nanoseconds(ns));
  EXPECT_EQ(histogram.Percentile(0.5), absl::Nanoseconds(50));
  EXPECT_EQ(histogram.Percentile(0), absl::Nanoseconds(0));
  EXPECT_EQ(histogram.Percentile(1), absl::Nanoseconds(100));
}

TEST(HistogramTest, PercentilesAreWithinOnePart64OfTheTruth) {
  Histogram histogram;
  for (int us = 1; us <= 100'000; ++us) histogram.Add(absl::Microseconds(us));
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const absl::Duration truth = absl::Microseconds(100'000) * share;
    EXPECT_GE(histogram.Percentile(share), truth) << share;
    EXPECT_LE(histogram.Percentile(share), truth * (1 + 1.0 / 64) + absl::Microseconds(1)) << share;
  }
}

TEST(HistogramTest, MinMaxAndMeanAreExact) {
  Histogram histogram;
  histogram.Add(absl::Microseconds(1));
  histogram.Add(absl::Seconds(3));
  EXPECT_EQ(histogram.min(), absl::Microseconds(1));
  EXPECT_EQ(histogram.max(), absl::Seconds(3));
  EXPECT_EQ(histogram.mean(), (absl::Seconds(3) + absl::Microseconds(1)) / 2);
  EXPECT_EQ(histogram.Percentile(1), absl::Seconds(3));
}

TEST(HistogramTest, WhatIsBeyondItsRangeCountsAsItsEnds) {
  Histogram histogram;
  histogram.Add(-absl::Seconds(1));
  histogram.Add(absl::Hours(1000));
  EXPECT_EQ(histogram.min(), absl::ZeroDuration());
  EXPECT_EQ(histogram.max(), absl::Hours(1000));
  EXPECT_EQ(histogram.Percentile(0.5), absl::ZeroDuration());
  EXPECT_LE(histogram.Percentile(1), absl::Hours(1000));
}

TEST(HistogramTest, MergingIsAddingAll) {
  Histogram one;
  Histogram other;
  Histogram both;
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration value = absl::Microseconds(i * i);
    (i % 3 == 0 ? one : other).Add(value);
    both.Add(value);
  }
  one.Merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.mean(), both.mean());
  EXPECT_EQ(one.max(), both.max());
  for (const double share : {0.1, 0.5, 0.99}) {
    EXPECT_EQ(one.Percentile(share), both.Percentile(share));
  }
}

}  // namespace
}  // namespace rollcall::bench
