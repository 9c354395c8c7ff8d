#include "server/health/wheel/timing_wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "client-sdk/base/random.h"

namespace rollcall::health {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kTick = absl::Milliseconds(20);

class TimingWheelTest : public ::testing::Test {
 protected:
  base::Instant At(absl::Duration d) const { return start_ + d; }
  std::vector<uint64_t> AdvanceTo(absl::Duration d) {
    std::vector<uint64_t> due;
    wheel_.Advance(At(d), due);
    return due;
  }

  const base::Instant start_ = base::Instant::FromOrigin(absl::Hours(7));
  TimingWheel wheel_{start_, kTick};
};

TEST_F(TimingWheelTest, HandsBackAtTheDeadlineAndNotBefore) {
  wheel_.Arm(1, At(absl::Milliseconds(100)));
  EXPECT_THAT(AdvanceTo(absl::Milliseconds(99)), IsEmpty());
  EXPECT_THAT(AdvanceTo(absl::Milliseconds(100)), ElementsAre(1));
}

TEST_F(TimingWheelTest, ADeadlineWithinATickComesWithItsEnd) {
  wheel_.Arm(1, At(absl::Milliseconds(101)));
  EXPECT_THAT(AdvanceTo(absl::Milliseconds(119)), IsEmpty());
  EXPECT_THAT(AdvanceTo(absl::Milliseconds(120)), ElementsAre(1));
}

TEST_F(TimingWheelTest, HandsBackOnce) {
  wheel_.Arm(1, At(kTick));
  EXPECT_THAT(AdvanceTo(kTick), ElementsAre(1));
  EXPECT_THAT(AdvanceTo(absl::Hours(1)), IsEmpty());
  EXPECT_EQ(wheel_.size(), 0u);
}

TEST_F(TimingWheelTest, APastDeadlineComesWithTheNextTick) {
  AdvanceTo(absl::Seconds(10));
  wheel_.Arm(1, At(absl::Seconds(3)));
  EXPECT_THAT(AdvanceTo(absl::Seconds(10)), IsEmpty());
  EXPECT_THAT(AdvanceTo(absl::Seconds(10) + kTick), ElementsAre(1));
}

TEST_F(TimingWheelTest, CancelledIsNotHandedBack) {
  wheel_.Arm(1, At(absl::Seconds(1)));
  wheel_.Arm(2, At(absl::Seconds(1)));
  EXPECT_TRUE(wheel_.Cancel(1));
  EXPECT_FALSE(wheel_.Cancel(1));
  EXPECT_FALSE(wheel_.Cancel(3));
  EXPECT_THAT(AdvanceTo(absl::Seconds(2)), ElementsAre(2));
}

TEST_F(TimingWheelTest, ReArmingMovesIt) {
  wheel_.Arm(1, At(absl::Seconds(1)));
  wheel_.Arm(1, At(absl::Seconds(5)));
  wheel_.Arm(2, At(absl::Seconds(5)));
  wheel_.Arm(2, At(absl::Seconds(1)));
  EXPECT_EQ(wheel_.size(), 2u);
  EXPECT_THAT(AdvanceTo(absl::Seconds(1)), ElementsAre(2));
  EXPECT_THAT(AdvanceTo(absl::Seconds(5)), ElementsAre(1));
}

TEST_F(TimingWheelTest, TimeThatGoesBackHandsBackNothing) {
  AdvanceTo(absl::Seconds(2));
  wheel_.Arm(1, At(absl::Seconds(3)));
  EXPECT_THAT(AdvanceTo(absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(AdvanceTo(-absl::Hours(1)), IsEmpty());
  EXPECT_THAT(AdvanceTo(absl::Seconds(3)), ElementsAre(1));
}

TEST_F(TimingWheelTest, ALongStepHandsBackEverythingInOrder) {
  wheel_.Arm(3, At(absl::Minutes(10)));
  wheel_.Arm(1, At(absl::Milliseconds(40)));
  wheel_.Arm(2, At(absl::Seconds(30)));
  EXPECT_THAT(AdvanceTo(absl::Hours(1)), ElementsAre(1, 2, 3));
}

TEST_F(TimingWheelTest, ADeadlineBeyondTheHorizonIsNotEarly) {
  // 64^4 ticks of 20 ms are 93 hours.
  const absl::Duration far = absl::Hours(400) + absl::Milliseconds(20);
  wheel_.Arm(1, At(far));
  EXPECT_THAT(AdvanceTo(far - kTick), IsEmpty());
  EXPECT_THAT(AdvanceTo(far), ElementsAre(1));
}

TEST_F(TimingWheelTest, EveryBoundaryOfTheLevelsIsExact) {
  std::map<uint64_t, uint64_t> ticks;
  uint64_t key = 0;
  for (const uint64_t edge : {64u, 128u, 4096u, 8192u, 262144u}) {
    for (int off = -2; off <= 2; ++off) ticks[++key] = edge + off;
  }
  for (const auto& [k, tick] : ticks) wheel_.Arm(k, At(tick * kTick));
  for (const auto& [k, tick] : ticks) {
    EXPECT_THAT(AdvanceTo(tick * kTick - absl::Milliseconds(1)), IsEmpty()) << tick;
    EXPECT_THAT(AdvanceTo(tick * kTick), UnorderedElementsAre(k)) << tick;
  }
}

// Against the plainest model there is: a map searched from end to end.
TEST_F(TimingWheelTest, AgreesWithAPlainMapOverARandomHistory) {
  base::SeededRandom random(20240607);
  struct Armed {
    absl::Duration deadline;
    absl::Duration reckoned;  // not before it was armed
  };
  std::map<uint64_t, Armed> model;
  absl::Duration now;
  for (int step = 0; step < 20'000; ++step) {
    const uint64_t key = random.Below(200);
    if (random.Below(5) == 0) {
      EXPECT_EQ(wheel_.Cancel(key), model.erase(key) == 1);
    } else {
      const absl::Duration most = random.Below(4) == 0 ? absl::Minutes(20) : absl::Seconds(3);
      const absl::Duration deadline = now + random.Between(-absl::Seconds(1), most);
      model[key] = {deadline, std::max(deadline, now)};
      wheel_.Arm(key, At(deadline));
    }
    if (random.Below(3) != 0) continue;
    now += random.Between(absl::ZeroDuration(), absl::Milliseconds(70));
    for (const uint64_t due : AdvanceTo(now)) {
      ASSERT_EQ(model.count(due), 1u) << "handed back twice, or after a cancel";
      EXPECT_LE(model[due].deadline, now) << "early";
      model.erase(due);
    }
    for (const auto& [left, armed] : model) {
      EXPECT_GT(armed.reckoned + kTick, now) << "more than a tick late: " << left;
    }
  }
  EXPECT_EQ(wheel_.size(), model.size());
}

TEST_F(TimingWheelTest, FiftyThousandEntriesAreNoLoad) {
  constexpr uint64_t kEntries = 50'000;
  for (uint64_t key = 0; key < kEntries; ++key) {
    wheel_.Arm(key, At(absl::Seconds(10) + absl::Microseconds(100) * key));
  }
  size_t handed_back = 0;
  for (absl::Duration now; now < absl::Seconds(40); now += kTick) {
    for (const uint64_t key : AdvanceTo(now)) {
      ++handed_back;
      wheel_.Arm(key, At(now + absl::Seconds(10)));
    }
  }
  EXPECT_GE(handed_back, 2 * kEntries);
  EXPECT_EQ(wheel_.size(), kEntries);
}

}  // namespace
}  // namespace rollcall::health
