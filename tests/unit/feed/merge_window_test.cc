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

}  // namespace
}  // namespace rollcall::feed
