#include "server/app/config/parse_values.h"

#include <string>

#include "gtest/gtest.h"

namespace rollcall::config {
namespace {

TEST(ParseDurationTest, ReadsUnitsSumsAndDays) {
  const struct {
    const char* text;
    absl::Duration value;
  } kCases[] = {{"0", absl::ZeroDuration()},       {"500ms", absl::Milliseconds(500)},
                {"10s", absl::Seconds(10)},        {"1h30m", absl::Minutes(90)},
                {"7d", absl::Hours(7 * 24)},       {"1d12h", absl::Hours(36)},
                {"1.5s", absl::Milliseconds(1500)}};
  for (const auto& c : kCases) {
    const auto parsed = ParseDuration(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text;
    EXPECT_EQ(*parsed, c.value) << c.text;
    EXPECT_EQ(*ParseDuration(ShowDuration(*parsed)), c.value) << c.text;
  }
}

TEST(ParseDurationTest, RefusesWhatIsNotOne) {
  for (const char* text :
       {"", "10", "s", "-1s", "+1s", "ten", "inf", "1s ", "7d1", "1d-1h", "99999999999d", "d"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(ParseSizeTest, ReadsBinaryAndDecimalUnits) {
  const struct {
    const char* text;
    uint64_t value;
    const char* shown;
  } kCases[] = {{"0", 0, "0"},
                {"4096", 4096, "4KiB"},
                {"64MiB", 64 << 20, "64MiB"},
                {"64mib", 64 << 20, "64MiB"},
                {"1GiB", 1 << 30, "1GiB"},
                {"10MB", 10'000'000, "10000000"}};
  for (const auto& c : kCases) {
    const auto parsed = ParseSize(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text;
    EXPECT_EQ(*parsed, c.value) << c.text;
    EXPECT_EQ(ShowSize(*parsed), c.shown);
  }
}

TEST(ParseSizeTest, RefusesWhatIsNotOne) {
  for (const char* text : {"", "MiB", "-1", "1.5GiB", "1 GiB", "99999999999TiB", "1XiB"}) {
    EXPECT_FALSE(ParseSize(text).ok()) << text;
  }
}

TEST(ParseAddressTest, ReadsHostsAndPorts) {
  const struct {
    const char* text;
    Address value;
  } kCases[] = {{"127.0.0.1:7400", {"127.0.0.1", 7400}},
                {"[::1]:7400", {"::1", 7400}},
                {"node.example:0", {"node.example", 0}}};
  for (const auto& c : kCases) {
    const auto parsed = ParseAddress(c.text);
    ASSERT_TRUE(parsed.ok()) << c.text;
    EXPECT_EQ(*parsed, c.value);
    EXPECT_EQ(ShowAddress(*parsed), c.text);
  }
}

// What Show… prints, Parse… reads: of any value that Parse… takes.
TEST(ParseDurationTest, TakesNothingThatItCouldNotReadAgain) {
  for (const char* text : {"36500d", "876000h", "1d0.25ns", "23h59m59.999999999s"}) {
    const auto parsed = ParseDuration(text);
    ASSERT_TRUE(parsed.ok()) << text;
    const auto again = ParseDuration(ShowDuration(*parsed));
    EXPECT_TRUE(again.ok() && *again == *parsed) << text;
  }
  for (const char* text : {"36501d", "876001h", "9000000000000000000s", "36500d1s"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(ParseSizeTest, ReadsAgainTheLargest) {
  for (const char* text : {"18446744073709551615", "16777215TiB", "18446742974197923840"}) {
    const auto parsed = ParseSize(text);
    ASSERT_TRUE(parsed.ok()) << text;
    const auto again = ParseSize(ShowSize(*parsed));
    EXPECT_TRUE(again.ok() && *again == *parsed) << text;
  }
  EXPECT_FALSE(ParseSize("16777216TiB").ok());
}

TEST(ParseAddressTest, RefusesWhatIsNotOne) {
  for (const char* text : {"", "7400", ":7400", "host", "host:", "host:x", "host:65536", "::1:7400",
                           "[]:7400", "[host]:1", "host:-1"}) {
    EXPECT_FALSE(ParseAddress(text).ok()) << text;
  }
}

TEST(ParseAddressTest, SeveralAreSeparatedByCommas) {
  EXPECT_EQ(ShowAddresses(*ParseAddresses("127.0.0.1:1, [::1]:2")), "127.0.0.1:1,[::1]:2");
  EXPECT_FALSE(ParseAddresses("127.0.0.1:1,").ok());
  EXPECT_FALSE(ParseAddress(absl::string_view("127.0.0.1\0.example:1", 20)).ok());
}

TEST(IsLoopbackTest, KnowsWhatStaysOnThisMachine) {
  for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
    EXPECT_TRUE(IsLoopback({host, 1})) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "node.example", "128.0.0.1"}) {
    EXPECT_FALSE(IsLoopback({host, 1})) << host;
  }
}

TEST(ParseBoolTest, ReadsWords) {
  EXPECT_TRUE(*ParseBool("true"));
  EXPECT_TRUE(*ParseBool("Yes"));
  EXPECT_FALSE(*ParseBool("off"));
  EXPECT_FALSE(ParseBool("1x").ok());
}

}  // namespace
}  // namespace rollcall::config
