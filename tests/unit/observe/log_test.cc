#include "server/observe/log.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/support/fake_clock.h"

namespace rollcall::observe {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogTest : public ::testing::Test {
 protected:
  Log MakeLog(LogFormat format, LogLevel level = LogLevel::kInfo) {
    return Log({format, level}, clock_,
               [this](absl::string_view line) { lines_.emplace_back(line); });
  }

  rollcall::testing::FakeClock clock_;
  std::vector<std::string> lines_;
};

TEST_F(LogTest, TextHasTimeLevelMessageAndFields) {
  Log log = MakeLog(LogFormat::kText);
  log.Info("instance suspect", {{"instance", "a"}, {"beats", 3}, {"late", absl::Seconds(2)}});
  EXPECT_THAT(lines_,
              ElementsAre("2024-01-01T00:00:00.000Z info    instance suspect instance=a beats=3 "
                          "late=2s"));
}

TEST_F(LogTest, TextQuotesWhatIsNotOneWord) {
  Log log = MakeLog(LogFormat::kText);
  log.Warning("odd", {{"empty", ""}, {"words", "two words"}, {"line", "a\nb"}, {"quote", "\""}});
  EXPECT_THAT(lines_, ElementsAre("2024-01-01T00:00:00.000Z warning odd empty=\"\" "
                                  "words=\"two words\" line=\"a\\nb\" quote=\"\\\"\""));
}

TEST_F(LogTest, AMessageCannotStartALineOfItsOwn) {
  Log log = MakeLog(LogFormat::kText);
  log.Error("first\nsecond");
  EXPECT_THAT(lines_, ElementsAre("2024-01-01T00:00:00.000Z error   first second"));
}

TEST_F(LogTest, JsonKeepsTypesAndEscapes) {
  Log log = MakeLog(LogFormat::kJson);
  log.Info("say \"hi\"", {{"count", uint64_t{18446744073709551615u}},
                          {"below", -2},
                          {"yes", true},
                          {"share", 0.5},
                          {"text", "a\n\"b\""},
                          {"status", absl::NotFoundError("gone")}});
  ASSERT_EQ(lines_.size(), 1u);
  const auto line = nlohmann::json::parse(lines_[0]);
  EXPECT_EQ(line["time"], "2024-01-01T00:00:00.000Z");
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["message"], "say \"hi\"");
  EXPECT_EQ(line["count"], 18446744073709551615u);
  EXPECT_EQ(line["below"], -2);
  EXPECT_EQ(line["yes"], true);
  EXPECT_EQ(line["share"], 0.5);
  EXPECT_EQ(line["text"], "a\n\"b\"");
  EXPECT_EQ(line["status"], "NOT_FOUND: gone");
}

TEST_F(LogTest, JsonSurvivesBrokenUtf8AndReservedKeys) {
  Log log = MakeLog(LogFormat::kJson);
  log.Info("x", {{"bytes", "a\xff"}, {"time", "mine"}});
  const auto line = nlohmann::json::parse(lines_.at(0));
  EXPECT_EQ(line["bytes"], "a\xEF\xBF\xBD");
  EXPECT_EQ(line["time_"], "mine");
}

TEST_F(LogTest, LinesBelowTheLevelAreLeftOut) {
  Log log = MakeLog(LogFormat::kText, LogLevel::kWarning);
  log.Info("quiet");
  EXPECT_THAT(lines_, IsEmpty());
  log.set_level(LogLevel::kDebug);
  log.Debug("loud");
  EXPECT_EQ(lines_.size(), 1u);
}

TEST_F(LogTest, TheRealLogWritesEveryLineBeforeItEnds) {
  ::testing::internal::CaptureStderr();
  auto log = Log::Create({LogFormat::kJson, LogLevel::kInfo}, clock_);
  for (int i = 0; i < 100; ++i) log->Info("line", {{"n", i}});
  EXPECT_EQ(log->dropped(), 0u);
  log.reset();
  const std::string all = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 100);
}

TEST(LogWordsTest, LevelsAndFormatsAreRefusedByName) {
  EXPECT_EQ(*ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogLevel("loud").status().message(),
            "\"loud\" is not one of debug, info, warning, error");
  EXPECT_EQ(*ChooseLogFormat("json"), LogFormat::kJson);
  EXPECT_FALSE(ChooseLogFormat("xml").ok());
}

}  // namespace
}  // namespace rollcall::observe
