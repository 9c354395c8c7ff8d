// What --print-config prints is a configuration file that says the same.
#include <gtest/gtest.h>

#include <string>

#include "server/app/config/settings.h"

namespace rollcall::config {
namespace {

std::string PrintedAndRead(const std::string& data) {
  const auto resolved = Resolve({{"data", data, Source::kFlag, "--data"}});
  EXPECT_TRUE(resolved.ok()) << resolved.status();
  const auto settings = ParseSettings(ShowEffective(resolved->effective), "printed");
  if (!settings.ok()) return std::string(settings.status().message());
  const auto again = Resolve(*settings);
  return again.ok() ? again->config.data : std::string(again.status().message());
}

TEST(PrintedSettingsTest, ReadAsTheSame) {
  for (const char* data : {"/var/lib/rollcall", " a ", "a # b", "quote \" and \\", "ä", "{a: b}"}) {
    EXPECT_EQ(PrintedAndRead(data), data);
  }
}

TEST(PrintedSettingsTest, ReadAsTheSameAlsoWithControlCharacters) {
  for (const char* data : {"two\nlines", "a\ttab", "a\r\nb\n", "\x01\x1f\x7f", "\\n"}) {
    EXPECT_EQ(PrintedAndRead(data), data);
  }
}

}  // namespace
}  // namespace rollcall::config
