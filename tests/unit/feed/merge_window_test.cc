#include "server/feed/merge_window.h"

#include "gtest/gtest.h"
#include "server/model/limits.h"

namespace rollcall::feed {
namespace {

absl::Duration AfterASecondOf(absl::Duration interval) {
  MergeWindow window;
  base::Instant now = base::Instant::FromOrigin(absl::Hours(1));
  absl::Duration wait;
  for (absl::Duration t; t < absl::Seconds(1); t += interval) wait = window.Note(now + t);
  return wait;
}

TEST(MergeWindowTest, IsZeroWhenChangesAreRare) {
  EXPECT_EQ(AfterASecondOf(absl::Milliseconds(200)), absl::ZeroDuration());
  EXPECT_EQ(AfterASecondOf(absl::Milliseconds(20)), absl::ZeroDuration());
}

TEST(MergeWindowTest, GrowsWithTheRateUpToItsLimit) {
  const absl::Duration some = AfterASecondOf(absl::Milliseconds(2));
  EXPECT_GT(some, absl::Milliseconds(1));
  EXPECT_LT(some, kMaxMergeWindow);
  EXPECT_EQ(AfterASecondOf(absl::Microseconds(500)), kMaxMergeWindow);
}

TEST(MergeWindowTest, ForgetsAStorm) {
  MergeWindow window;
  const base::Instant start = base::Instant::FromOrigin(absl::Hours(1));
  for (int i = 0; i < 1000; ++i) window.Note(start);
  EXPECT_EQ(window.Note(start + absl::Seconds(1)), absl::ZeroDuration());
}

constexpr base::Instant kStart = base::Instant::FromOrigin(absl::Hours(1));

// How long a change waits that comes `later` than a delivery of `messages` that were made in no
// time or in `making`, the last of a second of changes each `interval`.
absl::Duration AfterADelivery(size_t messages, absl::Duration interval, absl::Duration later,
                              absl::Duration making = absl::ZeroDuration()) {
  MergeWindow window;
  const base::Instant begun = kStart + absl::Seconds(1);
  for (base::Instant at = kStart; at < begun; at = at + interval) window.Note(at);
  window.Delivered(messages, begun, begun + making);
  return window.Note(begun + later);
}

TEST(MergeWindowTest, ADeliveryToManyIsGivenTimeToReachThemWhenChangesAreMany) {
  const absl::Duration often = absl::Milliseconds(1);
  EXPECT_EQ(AfterADelivery(800, often, absl::Milliseconds(10)), absl::Milliseconds(26));
  EXPECT_EQ(AfterADelivery(100'000, often, absl::Milliseconds(10)), absl::Milliseconds(40));
}

TEST(MergeWindowTest, ADeliveryToFewIsNotWaitedFor) {
  const absl::Duration often = absl::Milliseconds(1);
  EXPECT_LE(AfterADelivery(20, often, absl::ZeroDuration()), kMaxMergeWindow);
}

TEST(MergeWindowTest, ADeliveryThatTookLongToMakeIsWorthWaitingForMore) {
  const absl::Duration often = absl::Milliseconds(1);
  const absl::Duration making = absl::Milliseconds(6);
  EXPECT_EQ(AfterADelivery(0, often, making, making), absl::Milliseconds(18));
  EXPECT_EQ(AfterADelivery(0, often, 5 * making, 5 * making), absl::Milliseconds(20));
  EXPECT_EQ(AfterADelivery(1, absl::Milliseconds(20), making, making), absl::ZeroDuration());
}

TEST(MergeWindowTest, HandingAMessageToItsStreamIsNotMakingIt) {
  const absl::Duration handing = absl::Milliseconds(8);
  EXPECT_EQ(AfterADelivery(400, absl::Milliseconds(1), handing, handing), absl::Milliseconds(10));
}

TEST(MergeWindowTest, ADeliveryToManyIsNotWaitedForWhenChangesAreRare) {
  EXPECT_EQ(AfterADelivery(1000, absl::Milliseconds(20), absl::Milliseconds(1)),
            absl::ZeroDuration());
}

}  // namespace
}  // namespace rollcall::feed
