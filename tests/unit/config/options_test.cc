#include "server/app/config/options.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/app/config/pages.h"
#include "server/app/config/rules.h"
#include "server/app/config/settings.h"

namespace rollcall::config {
namespace {

using ::testing::HasSubstr;

TEST(OptionsTest, NamesAreUniqueAndDefaultsAreTheirOwnPrint) {
  std::set<std::string> seen;
  const Config defaults = DefaultConfig();
  for (const Option& option : AllOptions()) {
    EXPECT_TRUE(seen.insert(option.name).second) << option.name;
    EXPECT_EQ(ShowOption(option, defaults), option.default_text) << option.name;
  }
}

TEST(OptionsTest, DefaultsKeepTheRules) {
  EXPECT_TRUE(CheckRules(DefaultConfig()).ok());
  EXPECT_EQ(DefaultConfig().history_keep, absl::Hours(7 * 24));
  EXPECT_EQ(DefaultConfig().disk_reserve_bytes, 128u << 20);
}

TEST(OptionsTest, TheNearestNameIsFoundAndFarOnesAreNot) {
  EXPECT_EQ(NearestOption("lisen"), "listen");
  EXPECT_EQ(NearestOption("LOG_LEVL"), "log-level");
  EXPECT_EQ(NearestOption("datta"), "data");
  EXPECT_EQ(NearestOption("something-else"), "");
}

TEST(PagesTest, EveryOptionStandsInHelpPageAndReference) {
  for (const Option& option : AllOptions()) {
    const std::string name = option.name;
    EXPECT_THAT(HelpText(), HasSubstr("--" + name + " ("));
    EXPECT_THAT(ConfigPage(), HasSubstr("| `" + name + "` |"));
    EXPECT_THAT(ReferenceFile(), HasSubstr("\n#" + name + ": "));
  }
}

TEST(PagesTest, TheReferenceParsesAlsoWithEveryOptionTurnedOn) {
  const std::string reference = ReferenceFile();
  EXPECT_TRUE(ParseSettings(reference, "reference").ok());
  std::string all_on;
  for (size_t at = 0; at < reference.size();) {
    const size_t end = reference.find('\n', at);
    const std::string line = reference.substr(at, end - at);
    const bool option = line.size() > 1 && line[0] == '#' && line[1] != ' ';
    all_on += (option ? line.substr(1) : line) + "\n";
    at = end + 1;
  }
  const auto settings = ParseSettings(all_on, "reference");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->size(), AllOptions().size());
  EXPECT_TRUE(Resolve(*settings).ok());
}

}  // namespace
}  // namespace rollcall::config
