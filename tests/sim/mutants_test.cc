// The list of mutants is that of the sources: `make mutants` leaves none out, and none is gone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/sim/runner/mutants.h"

namespace rollcall::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(MutantsTest, AreListedAsTheyAreMade) {
  const auto listed = ReadMutants(absl::StrCat(ROLLCALL_SOURCE_DIR, "/tests/sim/mutants.txt"));
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_GE(listed->size(), 15u);
  const absl::Status same = CompareMutants(*listed, MutantsInSources(ROLLCALL_SOURCE_DIR));
  EXPECT_TRUE(same.ok()) << same;
}

TEST(MutantsTest, AListThatDiffersIsRefused) {
  const std::vector<Mutant> listed = {{"a", 1, "small"}, {"b", 1, "small"}};
  EXPECT_TRUE(CompareMutants(listed, {"a", "b"}).ok());
  EXPECT_THAT(CompareMutants(listed, {"a"}).message(), HasSubstr("b is listed, and made nowhere"));
  EXPECT_THAT(CompareMutants(listed, {"a", "b", "c"}).message(),
              HasSubstr("c is made, and not listed"));
}

TEST(MutantsTest, AListThatIsEmptyOrNotThereIsRefused) {
  EXPECT_FALSE(ReadMutants("").ok());
  const std::string path = std::filesystem::path(::testing::TempDir()) / "mutants_test.txt";
  std::ofstream(path) << "# nothing\n\n";
  EXPECT_FALSE(ReadMutants(path).ok());
  std::ofstream(path) << "name sixty small what\n";
  EXPECT_FALSE(ReadMutants(path).ok());
  std::ofstream(path) << "name 60 small what is wrong\n";
  const auto read = ReadMutants(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(*read, SizeIs(1));
}

}  // namespace
}  // namespace rollcall::sim
