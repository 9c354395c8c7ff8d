#include "server/health/policy/eviction_brake.h"

#include <gtest/gtest.h>

namespace rollcall::health {
namespace {

using Change = EvictionBrake::Change;

class EvictionBrakeTest : public ::testing::Test {
 protected:
  EvictionBrake::Verdict Judge(uint32_t registered, uint32_t due, uint32_t otherwise_suspect = 0) {
    return brake_.Judge(
        now_, rules_,
        {.registered = registered, .due = due, .otherwise_suspect = otherwise_suspect});
  }
  bool Holds(uint32_t registered, uint32_t due, uint32_t otherwise_suspect = 0) {
    return Judge(registered, due, otherwise_suspect).hold;
  }
  void After(absl::Duration d) { now_ = now_ + d; }

  base::Instant now_ = base::Instant::FromOrigin(absl::Hours(1));
  BrakeRules rules_;
  EvictionBrake brake_;
};

TEST(BrakeRulesTest, UnsetFieldsAreTheDefaults) {
  const BrakeRules rules = BrakeRulesOf({});
  EXPECT_TRUE(rules.enabled);
  EXPECT_EQ(rules.share, 0.4);
  EXPECT_EQ(rules.more_than, 3u);
  EXPECT_EQ(rules.window, absl::Seconds(60));
  EXPECT_EQ(rules.max_hold, absl::Minutes(15));
}

TEST(BrakeRulesTest, SetFieldsCount) {
  v1::EvictionBrake spec;
  spec.set_enabled(false);
  spec.set_share(0.1);
  spec.set_more_than(0);
  spec.set_window_seconds(5);
  spec.set_max_hold_seconds(7);
  const BrakeRules rules = BrakeRulesOf(spec);
  EXPECT_FALSE(rules.enabled);
  EXPECT_EQ(rules.share, 0.1);
  EXPECT_EQ(rules.more_than, 0u);
  EXPECT_EQ(rules.window, absl::Seconds(5));
  EXPECT_EQ(rules.max_hold, absl::Seconds(7));
}

TEST_F(EvictionBrakeTest, ThresholdsAreExceededNotReached) {
  struct Case {
    uint32_t registered, due, suspect;
    bool holds;
  };
  const Case cases[] = {
      {3, 3, 0, false},    // everyone, but not more than three
      {4, 4, 0, true},     // everyone, and more than three
      {10, 4, 0, false},   // exactly the share
      {10, 5, 0, true},    // above it
      {11, 4, 0, false},   // more than three, below the share
      {10, 1, 4, true},    // one is due, but four more would follow
      {10, 0, 10, false},  // nothing is due: nothing to hold
      {100, 40, 0, false}, {100, 41, 0, true}, {0, 0, 0, false},
  };
  for (const Case& c : cases) {
    EvictionBrake brake;
    const auto verdict = brake.Judge(now_, rules_, {c.registered, c.due, c.suspect});
    EXPECT_EQ(verdict.hold, c.holds) << c.registered << " " << c.due << " " << c.suspect;
  }
}

TEST_F(EvictionBrakeTest, EvictionsWithinTheWindowCount) {
  EXPECT_FALSE(Holds(10, 3));
  brake_.Evicted(now_, 3);
  After(absl::Seconds(59));
  EXPECT_TRUE(Holds(7, 2)) << "5 of 10 at the window's start";
  After(absl::Seconds(1));
  EXPECT_FALSE(Holds(7, 2)) << "2 of 7";
}

TEST_F(EvictionBrakeTest, TheShareCountsAgainstTheWindowsStart) {
  brake_.Evicted(now_, 30);
  EXPECT_FALSE(Holds(70, 10)) << "40 of 100, though 10 + 30 of 70 is more than 0.4";
  EXPECT_TRUE(Holds(70, 11));
  EXPECT_EQ(brake_.hold()->at_start, 100u);
  EXPECT_EQ(brake_.hold()->would_go, 41u);
}

TEST_F(EvictionBrakeTest, SaysOnceThatItEngagesAndOnceThatItEnds) {
  EXPECT_EQ(Judge(10, 6).change, Change::kEngaged);
  EXPECT_EQ(Judge(10, 6).change, Change::kNone);
  EXPECT_EQ(Judge(10, 2).change, Change::kShareFell);
  EXPECT_EQ(Judge(10, 2).change, Change::kNone);
  EXPECT_FALSE(brake_.hold());
}

TEST_F(EvictionBrakeTest, ShowsWhatItHolds) {
  const base::Instant since = now_;
  Judge(10, 6, 1);
  After(absl::Seconds(5));
  Judge(10, 7, 1);
  ASSERT_TRUE(brake_.hold());
  EXPECT_EQ(brake_.hold()->since, since);
  EXPECT_EQ(brake_.hold()->held, 7u);
  EXPECT_EQ(brake_.hold()->would_go, 8u);
  EXPECT_EQ(brake_.hold()->share(), 0.8);
}

TEST_F(EvictionBrakeTest, HoldsOnWhileOthersAreSuspectThoughNothingIsDue) {
  Judge(10, 6);
  EXPECT_TRUE(Holds(10, 0, 6));
  EXPECT_EQ(brake_.hold()->held, 0u);
}

TEST_F(EvictionBrakeTest, ReleaseLetsEvictionsGoOnForOneWindow) {
  Judge(10, 6);
  brake_.Release(now_, rules_);
  const auto verdict = Judge(10, 6);
  EXPECT_FALSE(verdict.hold);
  EXPECT_EQ(verdict.change, Change::kReleased);
  brake_.Evicted(now_, 6);
  After(absl::Seconds(59));
  EXPECT_FALSE(Holds(4, 4)) << "further ones within the window";
  After(absl::Seconds(1));
  EXPECT_EQ(Judge(4, 4).change, Change::kEngaged) << "the next window";
}

TEST_F(EvictionBrakeTest, ReleaseOfNothingPermitsNothing) {
  brake_.Release(now_, rules_);
  EXPECT_TRUE(Holds(10, 6));
}

TEST_F(EvictionBrakeTest, EndsAfterMaxHold) {
  Judge(10, 6);
  After(absl::Minutes(15) - absl::Milliseconds(1));
  EXPECT_TRUE(Holds(10, 6));
  After(absl::Milliseconds(1));
  EXPECT_EQ(Judge(10, 6).change, Change::kMaxHoldReached);
  After(absl::Seconds(30));
  EXPECT_FALSE(Holds(10, 6)) << "it does not engage again at once";
}

TEST_F(EvictionBrakeTest, SwitchedOffItHoldsNothing) {
  Judge(10, 6);
  rules_.enabled = false;
  EXPECT_EQ(Judge(10, 6).change, Change::kSwitchedOff);
  EXPECT_FALSE(Holds(10, 10));
}

TEST_F(EvictionBrakeTest, IsIdleWhenItRemembersNothing) {
  EXPECT_TRUE(brake_.idle(now_, rules_));
  brake_.Evicted(now_, 1);
  EXPECT_FALSE(brake_.idle(now_, rules_));
  After(rules_.window);
  EXPECT_TRUE(brake_.idle(now_, rules_));
  Judge(10, 6);
  EXPECT_FALSE(brake_.idle(now_, rules_));
  brake_.Release(now_, rules_);
  Judge(10, 6);
  EXPECT_FALSE(brake_.idle(now_, rules_)) << "a release is remembered for a window";
}

}  // namespace
}  // namespace rollcall::health
