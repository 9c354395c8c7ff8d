#include "cli/print/times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::cli {
namespace {

absl::Time At(int hour, int minute, int second) {
  return absl::FromCivil(absl::CivilSecond(2026, 1, 31, hour, minute, second), absl::UTCTimeZone());
}

TEST(ParseDurationTest, TakesUnitsAlsoDaysAndSumsOfThem) {
  EXPECT_EQ(*ParseDuration("500ms"), absl::Milliseconds(500));
  EXPECT_EQ(*ParseDuration("90s"), absl::Seconds(90));
  EXPECT_EQ(*ParseDuration("1h30m"), absl::Minutes(90));
  EXPECT_EQ(*ParseDuration("7d"), absl::Hours(168));
  EXPECT_EQ(*ParseDuration("1d12h"), absl::Hours(36));
  EXPECT_EQ(*ParseDuration("0"), absl::ZeroDuration());
}

TEST(ParseDurationTest, RefusesWhatIsNoDurationAndSaysWhatToWrite) {
  for (const char* text : {"", "10", "m", "-5m", "5 m", "inf", "1x", "d"}) {
    const auto parsed = ParseDuration(text);
    ASSERT_TRUE(absl::IsInvalidArgument(parsed.status())) << text;
    EXPECT_THAT(std::string(parsed.status().message()), ::testing::HasSubstr("write 30s")) << text;
  }
}

TEST(ParseTimeTest, RefusesWhatIsNoMoment) {
  for (const char* text : {"infinite-past", "infinite-future", " infinite-past "}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseTime(text, Look{At(12, 0, 0)}).status())) << text;
  }
}

TEST(ParseTimeTest, RefusesTheFuture) {
  const Look look{At(12, 0, 0)};
  EXPECT_EQ(*ParseTime("2026-01-31T12:00:00Z", look), look.now);
  EXPECT_THAT(ParseTime("2026-01-31T12:00:01Z", look).status().message(),
              ::testing::HasSubstr("is in the future (2026-01-31 12:00:01)"));
}

TEST(ParseTimeTest, TakesDatesTimesOfDayAndHowLongAgo) {
  const Look look{At(12, 0, 0), absl::UTCTimeZone()};
  EXPECT_EQ(*ParseTime("2026-01-31T11:00:00Z", look), At(11, 0, 0));
  EXPECT_EQ(*ParseTime("2026-01-31T13:00:00+02:00", look), At(11, 0, 0));
  EXPECT_EQ(*ParseTime("2026-01-31 11:59:01", look), At(11, 59, 1));
  EXPECT_EQ(*ParseTime("11:59:01.5", look), At(11, 59, 1) + absl::Milliseconds(500));
  EXPECT_EQ(*ParseTime("11:59", look), At(11, 59, 0));
  EXPECT_EQ(*ParseTime("5m", look), At(11, 55, 0));
  EXPECT_EQ(*ParseTime("5m ago", look), At(11, 55, 0));
}

TEST(ParseTimeTest, ATimeOfDayThatIsStillToComeMeansYesterday) {
  const Look look{At(12, 0, 0), absl::UTCTimeZone()};
  EXPECT_EQ(*ParseTime("13:00", look), At(13, 0, 0) - absl::Hours(24));
}

TEST(ParseTimeTest, ReadsTimesOfDayInTheZoneOfTheLook) {
  const Look look{At(12, 0, 0), absl::FixedTimeZone(2 * 60 * 60)};
  EXPECT_EQ(*ParseTime("13:30", look), At(11, 30, 0));
}

TEST(ParseTimeTest, RefusesWhatIsNoTime) {
  const Look look{At(12, 0, 0), absl::UTCTimeZone()};
  for (const char* text : {"yesterday", "25:00", "2026-13-01", "-5m"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseTime(text, look).status())) << text;
  }
}

TEST(AgeTextTest, UsesOneUnit) {
  EXPECT_EQ(AgoText(At(12, 0, 0), At(12, 0, 0) + absl::Milliseconds(999)), "now");
  EXPECT_EQ(AgoText(At(12, 0, 0), At(12, 0, 3)), "3s ago");
  EXPECT_EQ(AgeText(absl::Seconds(119)), "119s");
  EXPECT_EQ(AgeText(absl::Seconds(120)), "2m");
  EXPECT_EQ(AgeText(absl::Hours(5)), "5h");
  EXPECT_EQ(AgeText(absl::Hours(49)), "2d");
  EXPECT_EQ(AgeText(absl::Seconds(-5)), "now");
}

TEST(SpanTextTest, IsAsFineAsASentenceNeeds) {
  EXPECT_EQ(SpanText(absl::Milliseconds(120)), "120ms");
  EXPECT_EQ(SpanText(absl::Milliseconds(3240)), "3.2s");
  EXPECT_EQ(SpanText(absl::Seconds(10)), "10s");
  EXPECT_EQ(SpanText(absl::Seconds(125)), "2m5s");
  EXPECT_EQ(SpanText(absl::Minutes(2)), "2m");
  EXPECT_EQ(SpanText(absl::Minutes(200)), "3h20m");
  EXPECT_EQ(SpanText(absl::Hours(98)), "4d2h");
}

TEST(ProtoTimesTest, SurviveTheWayThereAndBack) {
  const absl::Time time = At(12, 3, 5) + absl::Nanoseconds(123456789);
  EXPECT_EQ(ToTime(ToProto(time)), time);
  EXPECT_EQ(ToTime(ToProto(absl::UnixEpoch() - absl::Milliseconds(1))),
            absl::UnixEpoch() - absl::Milliseconds(1));
  EXPECT_EQ(ToSpan(ToProto(absl::Milliseconds(1500))), absl::Milliseconds(1500));
}

}  // namespace
}  // namespace rollcall::cli
