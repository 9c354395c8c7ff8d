#include "cli/client/reconnects.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/fake_clock.h"

namespace rollcall::cli {
namespace {

class ReconnectsTest : public ::testing::Test {
 protected:
  // The longest of the next waits, which chance makes shorter.
  absl::Duration LongestOf(int waits) {
    absl::Duration longest;
    for (int i = 0; i < waits; ++i) longest = std::max(longest, reconnects_.Wait());
    return longest;
  }
  void Serve(absl::Duration span) {
    reconnects_.Served();
    clock_.AdvanceBy(span);
  }

  rollcall::testing::FakeClock clock_;
  base::SeededRandom random_{1};
  Reconnects reconnects_{clock_, random_};
};

TEST_F(ReconnectsTest, WaitsGrowWhileNothingAnswersUpToALimit) {
  EXPECT_LE(reconnects_.Wait(), Reconnects::kFirst);
  LongestOf(10);
  const absl::Duration longest = LongestOf(50);
  EXPECT_GT(longest, Reconnects::kLongest / 2);
  EXPECT_LE(longest, Reconnects::kLongest);
}

TEST_F(ReconnectsTest, AConnectionThatDoesNotLastChangesNothing) {
  for (int i = 0; i < 10; ++i) {
    Serve(absl::Milliseconds(10));
    reconnects_.Wait();
  }
  EXPECT_GT(LongestOf(50), Reconnects::kLongest / 2);
}

TEST_F(ReconnectsTest, AfterOneThatLastedTheWaitsBeginAnew) {
  LongestOf(10);
  Serve(Reconnects::kLasting / 2);
  Serve(Reconnects::kLasting / 2);
  EXPECT_LE(reconnects_.Wait(), Reconnects::kFirst);
}

TEST_F(ReconnectsTest, WhoHasLittleTimeWaitsLess) {
  reconnects_.Bound(absl::Seconds(1));
  EXPECT_LE(LongestOf(50), absl::Seconds(1));
  reconnects_.Bound(absl::Milliseconds(1));
  EXPECT_LE(LongestOf(50), Reconnects::kFirst);
}

}  // namespace
}  // namespace rollcall::cli
