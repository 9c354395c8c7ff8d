// restore: what it does where there is no rollcalld; with one, it is rollcalld's doing.
#include <cstdlib>

#include "tests/unit/cli/program_test.h"

namespace rollcall::cli {
namespace {

using ::testing::HasSubstr;

class RestoreTest : public ProgramTest {
 protected:
  RestoreTest() : path_(std::getenv("PATH")) { setenv("PATH", "/nonexistent", 1); }
  ~RestoreTest() override { setenv("PATH", path_.c_str(), 1); }
  const std::string path_;
};

TEST_F(RestoreTest, WithoutTheServersProgramItSaysWhatToInstall) {
  // Options that only rollcalld knows are no mistake here.
  EXPECT_EQ(RunAlone({"restore", "b.rcb", "--data", "d", "--etcd-prefix=/x/", "--force"}), 1);
  EXPECT_THAT(notes(), HasSubstr("cannot run rollcalld"));
  EXPECT_THAT(notes(), HasSubstr("install rollcalld"));
  EXPECT_EQ(RunAlone({"restore", "--help"}), 1);
}

}  // namespace
}  // namespace rollcall::cli
