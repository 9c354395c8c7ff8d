// Scenarios by hand: incidents of others, each a plan in scenarios/ whose first lines say what
// happened. No oracle finds anything, and the story is the one in golden/.
//
// ROLLCALL_REWRITE=1 (or --rewrite) writes the golden traces anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/sim/world/world.h"

namespace rollcall::sim {
namespace {

constexpr uint64_t kSeed = 1;

std::filesystem::path Folder() {
  return std::filesystem::path(ROLLCALL_SOURCE_DIR) / "tests" / "sim";
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool Rewrites() {
  if (std::getenv("ROLLCALL_REWRITE") != nullptr) return true;
  for (const std::string& arg : ::testing::internal::GetArgvs()) {
    if (arg == "--rewrite") return true;
  }
  return false;
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(Folder() / "scenarios")) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class IncidentTest : public ::testing::TestWithParam<std::string> {};

TEST_P(IncidentTest, GoesAsItIsWritten) {
  const auto plan = ParsePlan(ReadFile(Folder() / "scenarios" / (GetParam() + ".txt")));
  ASSERT_TRUE(plan.ok()) << plan.status();
  World world({.seed = kSeed, .story = true});
  world.Run(*plan);
  if (world.finding()) {
    FAIL() << world.finding()->oracle << ": " << world.finding()->what << "\n"
           << world.trace().Last(100);
  }
  const std::filesystem::path golden = Folder() / "golden" / (GetParam() + ".txt");
  if (Rewrites()) std::ofstream(golden) << world.trace().story();
  EXPECT_EQ(world.trace().story(), ReadFile(golden)) << "ROLLCALL_REWRITE=1 writes it anew";
}

INSTANTIATE_TEST_SUITE_P(Incidents, IncidentTest, ::testing::ValuesIn(Names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace rollcall::sim
