// backup: what is written, and what is not.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "nlohmann/json.hpp"
#include "server/backup/file_writer.h"
#include "tests/support/temp_directory.h"
#include "tests/unit/cli/program_test.h"

namespace rollcall::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class BackupTest : public ProgramTest {
 protected:
  BackupTest() {
    file_ = directory_ / "b.rcb";
    backup::FileWriter writer(
        {StoreId("0123"), Revision(4711), absl::FromUnixSeconds(1'700'000'000), "0.1.0"});
    writer.Add({"s/1", "one", Revision(1)});
    writer.Add({"s/2", "two", Revision(2)});
    writer.End();
    bytes_ = writer.Take();
  }

  // In three pieces.
  void Offer(const std::string& bytes) {
    base::MutexLock lock(fake_.mu);
    fake_.operations.backup = {bytes.substr(0, 20), bytes.substr(20, 30), bytes.substr(50)};
  }
  static std::string Content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  size_t Files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  const store::TempDirectory temp_;
  const fs::path directory_ = temp_.path();
  fs::path file_;
  std::string bytes_;
};

TEST_F(BackupTest, IsWrittenWholeAndForItsOwnerAlone) {
  Offer(bytes_);
  EXPECT_EQ(Run({"backup", file_}), 0) << notes();
  EXPECT_EQ(Content(file_), bytes_);
  EXPECT_THAT(out(), HasSubstr("2 records of store 0123 at revision 4711"));
  EXPECT_EQ(fs::status(file_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(Files(), 1u);
}

TEST_F(BackupTest, SaysInJsonWhatItIs) {
  Offer(bytes_);
  ASSERT_EQ(Run({"backup", file_, "-o", "json"}), 0) << notes();
  const auto said = nlohmann::json::parse(out());
  EXPECT_EQ(said["revision"], "4711");
  EXPECT_EQ(said["records"], "2");
  EXPECT_EQ(said["bytes"], std::to_string(bytes_.size()));
  EXPECT_EQ(said["store_id"], "0123");
  EXPECT_EQ(said["time"], "2023-11-14T22:13:20+00:00");
}

TEST_F(BackupTest, AFileThatIsThereIsReplacedOnlyByForce) {
  std::ofstream(file_) << "precious";
  Offer(bytes_);
  EXPECT_EQ(Run({"backup", file_}), 1);
  EXPECT_THAT(notes(), HasSubstr("--force"));
  EXPECT_EQ(Content(file_), "precious");
  EXPECT_EQ(Run({"backup", file_, "--force"}), 0) << notes();
  EXPECT_EQ(Content(file_), bytes_);
}

TEST_F(BackupTest, WhatBreaksOffLeavesNothing) {
  Offer(bytes_.substr(0, bytes_.size() - 5));
  EXPECT_EQ(Run({"backup", file_}), 1);
  EXPECT_THAT(notes(), HasSubstr("is incomplete"));
  EXPECT_EQ(Files(), 0u);
}

TEST_F(BackupTest, WhatIsAlteredOnTheWayLeavesNothing) {
  bytes_[bytes_.size() / 2] ^= 1;
  Offer(bytes_);
  EXPECT_EQ(Run({"backup", file_}), 1);
  EXPECT_THAT(notes(), HasSubstr("altered"));
  EXPECT_EQ(Files(), 0u);
}

TEST_F(BackupTest, ARefusalOfTheRegistryIsTold) {
  {
    base::MutexLock lock(fake_.mu);
    fake_.operations.backup_status = {grpc::StatusCode::RESOURCE_EXHAUSTED, "4 backups already"};
  }
  EXPECT_EQ(Run({"backup", file_}), 1);
  EXPECT_THAT(notes(), HasSubstr("4 backups already"));
  EXPECT_EQ(Files(), 0u);
  EXPECT_EQ(RunAlone({"--server", "127.0.0.1:1", "backup", file_}), 3);
  EXPECT_EQ(Files(), 0u);
}

TEST_F(BackupTest, TwoDoNotWriteTheSameFile) {
  Offer(bytes_);
  const std::string part = file_.string() + ".part";
  const int other = open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  EXPECT_EQ(Run({"backup", file_}), 1);
  EXPECT_THAT(notes(), HasSubstr("being written"));
  close(other);
  // One that was left behind is no hindrance.
  EXPECT_EQ(Run({"backup", file_}), 0) << notes();
  EXPECT_EQ(Files(), 1u);
}

TEST_F(BackupTest, AFileThatCannotBeWrittenSaysSo) {
  EXPECT_EQ(Run({"backup", directory_ / "no" / "such" / "b.rcb"}), 1);
  EXPECT_THAT(notes(), HasSubstr("cannot write"));
  EXPECT_EQ(Run({"backup", directory_}), 2);
  EXPECT_EQ(Run({"backup"}), 2);
}

}  // namespace
}  // namespace rollcall::cli
