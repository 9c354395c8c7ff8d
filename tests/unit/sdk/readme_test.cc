// The README's example is the one that is compiled.
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace rollcall {
namespace {

std::string Read(const std::string& path) {
  std::ifstream file(std::string(ROLLCALL_SOURCE_DIR) + "/client-sdk/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(SdkReadmeTest, QuotesTheTenLinesAsTheyAre) {
  std::string example = Read("examples/ten_lines.cc");
  example = example.substr(example.find("#include"));
  EXPECT_THAT(Read("README.md"), ::testing::HasSubstr(example));
}

}  // namespace
}  // namespace rollcall
