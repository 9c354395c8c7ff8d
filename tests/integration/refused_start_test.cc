// When rollcalld does not start, and what it says then.
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/embedded/layout.h"
#include "server/store/embedded/rocks_record_store.h"
#include "tests/integration/support/registry.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Outcome TryToStart(Flags flags) {
  flags.insert(flags.begin(), Registry::Program());
  return RunToEnd(std::move(flags));
}

TEST(RefusedStartTest, ASecondProcessOnTheSameData) {
  Registry first;
  const Outcome second =
      TryToStart({"--data", first.data(), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"});
  EXPECT_NE(second.exit_code, 0);
  EXPECT_THAT(second.err, HasSubstr(first.data()));
  EXPECT_THAT(second.err, HasSubstr(absl::StrCat("in use by process ", first.process().pid())));
  EXPECT_TRUE(first.process().running());
  EXPECT_EQ(first.Cli({"status"}).exit_code, 0);
}

TEST(RefusedStartTest, ASecondProcessOnTheSamePort) {
  Registry first;
  TempDir dir;
  const Outcome second = TryToStart(
      {"--data", dir.File("data"), "--listen", first.address(), "--http", "127.0.0.1:0"});
  EXPECT_NE(second.exit_code, 0);
  EXPECT_THAT(second.err, HasSubstr(first.address()));
  EXPECT_EQ(first.Cli({"status"}).exit_code, 0);
}

// What a killed process left, nobody may take for the word of the next one.
TEST(RefusedStartTest, AReadyFileThatWasLeftBehindGoesAllTheSame) {
  Registry other;
  Registry killed;
  killed.Kill();
  ASSERT_TRUE(std::filesystem::exists(killed.ready_file()));
  const Outcome next = TryToStart({"--data", killed.data(), "--ready-file", killed.ready_file(),
                                   "--listen", other.address(), "--http", "127.0.0.1:0"});
  EXPECT_NE(next.exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(killed.ready_file()));
}

TEST(RefusedStartTest, ANodeIdInTheDataThatIsNone) {
  Registry registry;
  registry.Kill();
  std::ofstream(registry.data() + "/node_id") << "BAD ID!\n";
  const Outcome next =
      TryToStart({"--data", registry.data(), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"});
  EXPECT_NE(next.exit_code, 0);
  EXPECT_THAT(next.err, HasSubstr("node_id"));
  EXPECT_THAT(next.err, HasSubstr("BAD ID!"));
}

TEST(RefusedStartTest, ASecondProcessOnTheSameHttpPort) {
  Registry first;
  TempDir dir;
  const std::string http = absl::StrCat("127.0.0.1:", first.http_port());
  const Outcome second =
      TryToStart({"--data", dir.File("data"), "--listen", "127.0.0.1:0", "--http", http});
  EXPECT_NE(second.exit_code, 0);
  EXPECT_THAT(second.err, HasSubstr(absl::StrCat(first.http_port())));
}

TEST(RefusedStartTest, DataOfANewerFormat) {
  Registry registry;
  registry.Kill();
  {
    store::RocksOptions options;
    options.directory = registry.data() + "/store";
    options.on_failure = [](const std::string&) {};
    auto disk = store::RocksRecordStore::Open(std::move(options));
    ASSERT_TRUE(disk.ok()) << disk.status();
    store::Batch batch;
    batch.Put(store::Table::kMeta, store::layout::kFormatKey,
              store::layout::EncodeNumber(store::layout::kFormat + 1));
    ASSERT_TRUE((*disk)->Write(batch).ok());
  }
  const Outcome outcome =
      TryToStart({"--data", registry.data(), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr(absl::StrCat("format ", store::layout::kFormat + 1)));
}

TEST(RefusedStartTest, ADirectoryOfSomebodyElse) {
  TempDir dir;
  std::filesystem::create_directories(dir.File("data/store"));
  std::ofstream(dir.File("data/store/photo.jpg")) << "not ours";
  const Outcome outcome =
      TryToStart({"--data", dir.File("data"), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("not Rollcall's"));
  EXPECT_EQ(ReadFile(dir.File("data/store/photo.jpg")), "not ours");
}

TEST(RefusedStartTest, OffLoopbackWithoutTlsUnlessToldSo) {
  TempDir dir;
  const Outcome outcome =
      TryToStart({"--data", dir.File("data"), "--listen", "0.0.0.0:0", "--http", "127.0.0.1:0"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("insecure"));
  EXPECT_FALSE(std::filesystem::exists(dir.File("data")));

  Registry registry({"--listen", "0.0.0.0:0", "--insecure"});
  const Outcome status = registry.Cli({"status"});
  EXPECT_EQ(status.exit_code, 0);
  EXPECT_THAT(status.out + registry.Cli({"nodes"}).out, Not(HasSubstr("0.0.0.0")))
      << "nobody can connect to that";
}

}  // namespace
}  // namespace rollcall::integration
