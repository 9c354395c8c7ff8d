// Every file that a store, a node's copy of one, or a backup consists of, with bits flipped: it is
// refused, or what is read is what was written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/backup/chunks.h"
#include "server/backup/disk/disk_source.h"
#include "server/backup/file_reader.h"
#include "tests/crash/flips.h"
#include "tests/crash/replica_story.h"
#include "tests/crash/scratch_directory.h"
#include "tests/crash/store_story.h"

namespace rollcall::crash {
namespace {

constexpr uint64_t kSeed = 4;

// "000012.sst" is one of "*.sst".
std::string SortOf(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (absl::EndsWith(name, ".log")) return "*.log";
  if (absl::EndsWith(name, ".sst")) return "*.sst";
  return name.substr(0, name.find('-'));
}

// Opening takes milliseconds, being refused before that a tenth of one.
size_t FlipsOf(const std::string& path, size_t size) {
  const std::string sort = SortOf(path);
  const bool small = size < 4000;
  if (sort == "CURRENT") return SIZE_MAX;
  if (sort == "*.log" || sort == "MANIFEST") return small ? SIZE_MAX : MostFlips(400);
  return MostFlips(sort == "*.sst" ? 150 : 20);
}

struct Count {
  size_t flips = 0;
  size_t refused = 0;
};

void Print(const std::map<std::string, Count>& counts) {
  for (const auto& [sort, count] : counts) {
    std::printf("%-10s %6zu bits flipped, %6zu refused, %6zu without effect; seed %d\n",
                sort.c_str(), count.flips, count.refused, count.flips - count.refused,
                static_cast<int>(kSeed));
  }
}

void FlipStore(StoreStory::Options options) {
  ScratchDirectory scratch;
  StoreStory story(scratch / "data", options);
  story.Run();
  ASSERT_EQ(story.FindDifference(story.files()), "");
  std::map<std::string, Count> counts;
  std::vector<std::string> wrong;
  for (const auto& [path, bytes] : story.files()) {
    Files files = story.files();
    Count& count = counts[SortOf(path)];
    count.flips += ForEachFlip(bytes, FlipsOf(path, bytes.size()), kSeed,
                               [&, &path = path](const std::string& flipped, size_t bit) {
                                 files[path] = flipped;
                                 const std::string found = story.FindDifference(files);
                                 count.refused += found.empty() ? 0 : 1;
                                 if (found == "other content")
                                   wrong.push_back(absl::StrCat(path, ", bit ", bit));
                               });
  }
  Print(counts);
  EXPECT_TRUE(wrong.empty()) << wrong.size() << " not seen: " << absl::StrJoin(wrong, "; ");
  for (const char* sort : {"*.log", "*.sst", "MANIFEST", "CURRENT"}) {
    EXPECT_GT(counts[sort].refused, 0u) << sort;
  }
}

TEST(FlipTest, OfASmallStoreIsRefusedOrWithoutEffect) {
  FlipStore({9, true, CrashFileSystem::kNever, 20});
}

TEST(FlipTest, OfAStoreIsRefusedOrWithoutEffect) { FlipStore({20}); }

TEST(FlipTest, OfACopyLeavesAMomentOfThePastOrHasItMadeAnew) {
  ScratchDirectory scratch;
  ReplicaStory story(scratch / "replica", 22);
  story.Run();
  std::map<std::string, Count> counts;
  std::vector<std::string> wrong;
  for (const auto& [path, bytes] : story.files()) {
    Files files = story.files();
    Count& count = counts[SortOf(path)];
    const size_t most = SortOf(path) == "*.log" ? MostFlips(300) : FlipsOf(path, bytes.size());
    count.flips +=
        ForEachFlip(bytes, most, kSeed, [&, &path = path](const std::string& flipped, size_t bit) {
          files[path] = flipped;
          bool damaged = false;
          const std::string found = story.FindFalsehood(files, &damaged);
          count.refused += damaged ? 1 : 0;
          if (!found.empty()) wrong.push_back(absl::StrCat(path, ", bit ", bit, ": ", found));
        });
  }
  Print(counts);
  EXPECT_TRUE(wrong.empty()) << wrong.size() << " wrong: " << absl::StrJoin(wrong, "; ");
}

// But for a log: nothing else says that there was one.
TEST(FlipTest, AFileThatIsMissingIsRefusedOrWithoutEffect) {
  ScratchDirectory scratch;
  StoreStory story(scratch / "data", {20});
  story.Run();
  for (const auto& [path, bytes] : story.files()) {
    const std::string sort = SortOf(path);
    if (sort == "*.log") continue;
    Files files = story.files();
    files.erase(path);
    const std::string found = story.FindDifference(files);
    EXPECT_NE(found, "other content") << path;
    if (sort == "CURRENT" || sort == "MANIFEST" || sort == "*.sst") {
      EXPECT_NE(found, "") << path;
    }
  }
}

std::string BackupOf(const store::RecordStore& disk, const base::Clock& clock) {
  const backup::DiskSource source(disk, clock, "1.2.3");
  backup::Chunks chunks(*source.Open(), 1000);
  std::string file;
  for (std::string chunk = *chunks.Next(); !chunk.empty(); chunk = *chunks.Next()) file += chunk;
  return file;
}

absl::Status ReadBackup(const std::string& file) {
  backup::FileReader reader;
  const absl::Status status = reader.Feed(file, [](backup::Record) {});
  return status.ok() ? reader.Finish() : status;
}

TEST(FlipTest, OfABackupIsRefused) {
  ScratchDirectory scratch;
  Machine machine(scratch / "data");
  const auto disk = machine.Open(true);
  ASSERT_TRUE(disk.ok()) << disk.status();
  const auto store = store::EmbeddedStore::Open(**disk, machine.executor, machine.executor,
                                                machine.clock, machine.random);
  ASSERT_TRUE(store.ok()) << store.status();
  std::vector<store::Transaction> group;
  group.reserve(20);
  for (int i = 0; i < 20; ++i) {
    group.push_back({{}, {{absl::StrCat("i/default/web/", i), std::string(50, 'v')}}, {}});
  }
  (*store)->Commit(std::move(group), [](const std::vector<store::Outcome>&) {});
  machine.executor.RunReady();
  const std::string file = BackupOf(**disk, machine.clock);
  ASSERT_TRUE(ReadBackup(file).ok());
  size_t unseen = 0;
  const size_t flips = ForEachFlip(file, SIZE_MAX, 0, [&](const std::string& flipped, size_t) {
    unseen += ReadBackup(flipped).ok() ? 1 : 0;
  });
  EXPECT_EQ(unseen, 0u);
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(ReadBackup(file.substr(0, size)).ok()) << size;
  }
  std::printf("backup     %6zu bits flipped, all refused\n", flips);
}

}  // namespace
}  // namespace rollcall::crash
