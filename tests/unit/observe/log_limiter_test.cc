#include "server/observe/log_limiter.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace rollcall::observe {
namespace {

base::Instant At(double seconds) { return base::Instant::FromOrigin(absl::Seconds(seconds)); }

TEST(LogLimiterTest, SpeaksOncePerIntervalAndCountsWhatItLeftOut) {
  LogLimiter limiter(absl::Seconds(10));
  EXPECT_EQ(limiter.Admit("disk", At(0)), 0u);
  EXPECT_EQ(limiter.Admit("disk", At(1)), std::nullopt);
  EXPECT_EQ(limiter.Admit("disk", At(9.9)), std::nullopt);
  EXPECT_EQ(limiter.Admit("disk", At(10)), 2u);
  EXPECT_EQ(limiter.Admit("disk", At(20)), 0u);
}

TEST(LogLimiterTest, KeysDoNotQuietenEachOther) {
  LogLimiter limiter(absl::Seconds(10));
  EXPECT_EQ(limiter.Admit("a", At(0)), 0u);
  EXPECT_EQ(limiter.Admit("b", At(0)), 0u);
}

TEST(LogLimiterTest, ForgetsTheOldestKeyWhenFull) {
  LogLimiter limiter(absl::Seconds(1e6));
  for (size_t i = 0; i < LogLimiter::kMaxKeys; ++i) {
    limiter.Admit(absl::StrCat("key", i), At(static_cast<double>(i)));
  }
  EXPECT_EQ(limiter.Admit("one more", At(5000)), 0u);
  EXPECT_EQ(limiter.Admit("key1", At(5000)), std::nullopt);
  EXPECT_EQ(limiter.Admit("key0", At(5000)), 0u);
}

}  // namespace
}  // namespace rollcall::observe
