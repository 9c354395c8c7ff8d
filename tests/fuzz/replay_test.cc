// Every input that is kept, through the function that was fuzzed with it: of the corpus, so that a
// promise that is broken shows without a fuzzer; and those that found a mistake, so that it stays
// found. Then inputs near them: ROLLCALL_FUZZ_RUNS of each target, if more than a few are wanted.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "client-sdk/base/random.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/target.h"

namespace rollcall::fuzz {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& [name, target] : Targets()) names.push_back(name);
  return names;
}

const fs::path& Home() {
  static const fs::path home = fs::path(ROLLCALL_SOURCE_DIR) / "tests" / "fuzz";
  return home;
}

int Runs() {
  int runs = 0;
  const char* wanted = std::getenv("ROLLCALL_FUZZ_RUNS");
  return wanted != nullptr && absl::SimpleAtoi(wanted, &runs) ? runs : 1000;
}

class ReplayTest : public ::testing::TestWithParam<std::string> {
 protected:
  static std::vector<fs::path> Corpus() { return FilesIn(Home() / "corpus" / GetParam()); }
  static std::vector<fs::path> Crashes() { return FilesIn(Home() / "crashes" / GetParam()); }

  void Try(const std::string& input, const std::string& shown) {
    try {
      Targets().at(GetParam())(input);
    } catch (const std::exception& error) {
      ADD_FAILURE() << shown << ": this does not hold: " << error.what();
    }
  }
};

TEST_P(ReplayTest, EveryInputOfTheCorpusHoldsWhatIsPromised) {
  EXPECT_FALSE(Corpus().empty()) << "a target begins with a corpus";
  for (const fs::path& file : Corpus()) Try(ReadFile(file), file.string());
}

TEST_P(ReplayTest, WhatOnceBrokeItDoesSoNoMore) {
  for (const fs::path& file : Crashes()) Try(ReadFile(file), file.string());
}

TEST_P(ReplayTest, SoDoInputsNearThem) {
  std::vector<std::string> inputs = {""};
  for (const fs::path& file : Corpus()) inputs.push_back(ReadFile(file));
  for (const fs::path& file : Crashes()) inputs.push_back(ReadFile(file));
  base::SeededRandom random(7);
  for (int run = 0; run < Runs() && !HasFailure(); ++run) {
    const std::string input = Mutated(inputs, random);
    Try(input, "printf '" + absl::CHexEscape(input) + "'");
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, ReplayTest, ::testing::ValuesIn(Names()),
                         [](const auto& info) { return info.param; });

TEST(FuzzTargetsTest, EachFileIsATargetOfItsName) {
  std::vector<std::string> files;
  for (const fs::path& file : FilesIn(Home())) {
    const std::string stem = file.stem().string();
    if (stem.rfind("fuzz_", 0) == 0) files.push_back(stem.substr(5));
  }
  EXPECT_EQ(files, Names());
}

TEST(FuzzTargetsTest, WhatIsKeptIsOfATarget) {
  for (const char* kept : {"corpus", "crashes"}) {
    for (const fs::path& folder : FilesIn(Home() / kept)) {
      EXPECT_TRUE(Targets().contains(folder.filename().string())) << folder;
    }
  }
}

}  // namespace
}  // namespace rollcall::fuzz
