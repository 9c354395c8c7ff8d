#include "server/health/policy/accounted_time.h"

#include <gtest/gtest.h>

namespace rollcall::health {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(20);

class AccountedTimeTest : public ::testing::Test {
 protected:
  base::Instant At(absl::Duration d) const { return start_ + d; }
  absl::Duration passed() const { return time_.now() - start_; }

  const base::Instant start_ = base::Instant::FromOrigin(absl::Hours(1));
  AccountedTime time_{start_, kTick};
};

TEST_F(AccountedTimeTest, FollowsRealTimeWhileTheNodeHearsItself) {
  for (absl::Duration t = kTick; t <= absl::Seconds(10); t += kTick) time_.Advance(At(t), At(t));
  EXPECT_EQ(passed(), absl::Seconds(10));
}

TEST_F(AccountedTimeTest, ATickThatIsALittleLateIsCountedInFull) {
  time_.Advance(At(2 * kTick), At(2 * kTick));
  EXPECT_EQ(passed(), 2 * kTick);
}

TEST_F(AccountedTimeTest, APauseCountsAsTwoTicks) {
  time_.Advance(At(absl::Seconds(10)), At(absl::Seconds(10)));
  EXPECT_EQ(passed(), 2 * kTick);
  time_.Advance(At(absl::Seconds(10) + kTick), At(absl::Seconds(10)));
  EXPECT_EQ(passed(), 3 * kTick);
}

TEST_F(AccountedTimeTest, StopsOneSecondAfterTheLastSelfBeat) {
  for (absl::Duration t = kTick; t <= absl::Minutes(5); t += kTick) time_.Advance(At(t), start_);
  EXPECT_EQ(passed(), absl::Seconds(1));
}

TEST_F(AccountedTimeTest, GoesOnFromWhereItStoodWhenSelfBeatsComeAgain) {
  for (absl::Duration t = kTick; t <= absl::Seconds(5); t += kTick) time_.Advance(At(t), start_);
  time_.Advance(At(absl::Seconds(5) + kTick), At(absl::Seconds(5)));
  EXPECT_EQ(passed(), absl::Seconds(1) + kTick);
}

TEST_F(AccountedTimeTest, APausedNodeWithoutASelfBeatCountsNothing) {
  time_.Advance(At(absl::Seconds(1)), start_);
  const absl::Duration before = passed();
  time_.Advance(At(absl::Seconds(30)), start_);
  EXPECT_EQ(passed(), before);
}

TEST_F(AccountedTimeTest, SkippedTimeIsNotCounted) {
  time_.Skip(At(absl::Hours(2)));
  EXPECT_EQ(passed(), absl::ZeroDuration());
  time_.Advance(At(absl::Hours(2) + kTick), At(absl::Hours(2)));
  EXPECT_EQ(passed(), kTick);
}

}  // namespace
}  // namespace rollcall::health
