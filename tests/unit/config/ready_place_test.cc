#include "server/app/config/ready_place.h"

#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/config/command_line.h"
#include "server/app/config/options.h"

namespace rollcall::config {
namespace {

using ::testing::HasSubstr;

class ReadyPlaceTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(dir_); }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::string Refusal(const std::string& ready_file, const std::string& data) {
    Config config = DefaultConfig();
    config.ready_file = ready_file;
    config.data = data;
    return std::string(CheckReadyPlace(config).message());
  }

  const std::string dir_ = absl::StrCat(::testing::TempDir(), "/ready-place-", getpid());
};

TEST_F(ReadyPlaceTest, ADirectoryThatExistsWillDo) {
  EXPECT_EQ(Refusal("", "d"), "");
  EXPECT_EQ(Refusal("ready.json", "d"), "");
  EXPECT_EQ(Refusal("/ready.json", "d"), "");
  EXPECT_EQ(Refusal(dir_ + "/ready.json", "d"), "");
}

TEST_F(ReadyPlaceTest, SoDoesOneThatIsMadeForTheData) {
  EXPECT_EQ(Refusal(dir_ + "/new/data/ready.json", dir_ + "/new/data/"), "");
  EXPECT_EQ(Refusal(dir_ + "/new/ready.json", dir_ + "/new/data"), "");
  EXPECT_EQ(Refusal("not-there/ready.json", "./not-there"), "");
}

TEST_F(ReadyPlaceTest, AnyOtherIsRefused) {
  EXPECT_EQ(Refusal(dir_ + "/typo/ready.json", dir_ + "/data"),
            absl::StrCat("ready-file: \"", dir_, "/typo/ready.json\" cannot be written: there is ",
                         "no directory \"", dir_, "/typo\""));
  EXPECT_THAT(Refusal(dir_ + "/data/below/ready.json", dir_ + "/data"), HasSubstr("no directory"));
  EXPECT_THAT(Refusal(dir_, "d"), HasSubstr("is a directory, not a file"));
  EXPECT_THAT(Refusal("not-there/", "not-there"), HasSubstr("names no file"));
}

TEST_F(ReadyPlaceTest, ItIsLookedAtBeforeServingButNotForPrinting) {
  const std::string file = dir_ + "/typo/ready.json";
  const CommandLine serves = ReadCommandLine({"--ready-file", file, "--data", dir_}, {});
  ASSERT_TRUE(serves.answer.has_value());
  EXPECT_EQ(serves.answer->exit_code, 2);
  EXPECT_THAT(serves.answer->err, HasSubstr("rollcalld: ready-file: \"" + file + "\""));
  const CommandLine prints = ReadCommandLine({"--ready-file", file, "--print-config"}, {});
  ASSERT_TRUE(prints.answer.has_value());
  EXPECT_EQ(prints.answer->exit_code, 0);
}

}  // namespace
}  // namespace rollcall::config
