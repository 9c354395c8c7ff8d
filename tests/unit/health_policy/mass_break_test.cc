#include "server/health/policy/mass_break.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace rollcall::health {
namespace {

class MassBreakTest : public ::testing::Test {
 protected:
  // `sessions` sessions of `hosts` hosts break at `when`.
  void Break(int sessions, int hosts, absl::Duration when = absl::ZeroDuration()) {
    for (int i = 0; i < sessions; ++i, ++next_) {
      policy_.Add(start_ + when, next_,
                  absl::StrCat("ipv4:10.0.0.", i % hosts, ":", 40000 + next_));
    }
  }
  bool Suppresses(size_t still_connected, absl::Duration when = absl::ZeroDuration()) {
    return policy_.Suppresses(start_ + when, still_connected);
  }

  const base::Instant start_ = base::Instant::FromOrigin(absl::Hours(1));
  MassBreak policy_;
  uint64_t next_ = 1;
};

TEST_F(MassBreakTest, HalfOfTheSessionsOfTwoHostsAreSuppressed) {
  Break(16, 2);
  EXPECT_TRUE(Suppresses(16));
}

TEST_F(MassBreakTest, FifteenSessionsAreSuspected) {
  Break(15, 2);
  EXPECT_FALSE(Suppresses(0));
}

TEST_F(MassBreakTest, LessThanHalfIsSuspected) {
  Break(16, 2);
  EXPECT_FALSE(Suppresses(17));
}

TEST_F(MassBreakTest, OneHostThatDiesWithEverythingOnItIsSuspected) {
  Break(200, 1);
  EXPECT_FALSE(Suppresses(0));
}

TEST_F(MassBreakTest, BreaksAddUpWithinTheWindowOnly) {
  Break(8, 2);
  Break(8, 2, absl::Milliseconds(500));
  EXPECT_TRUE(Suppresses(16, absl::Milliseconds(500)));
  EXPECT_FALSE(Suppresses(16, absl::Milliseconds(501)));
}

TEST_F(MassBreakTest, OneSessionThatBreaksAgainAndAgainCountsOnce) {
  for (int i = 0; i < 40; ++i) {
    policy_.Add(start_, 1 + i % 2, i % 2 == 0 ? "ipv4:10.0.0.1:1" : "ipv4:10.0.0.2:1");
  }
  EXPECT_FALSE(Suppresses(0));
}

}  // namespace
}  // namespace rollcall::health
