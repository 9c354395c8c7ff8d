// What every disk under the store promises: the one in memory and the real one alike.
#include "server/store/record_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "server/store/embedded/rocks_record_store.h"
#include "server/store/testing/memory_record_store.h"
#include "tests/support/temp_directory.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RecordStoreTest : public ::testing::TestWithParam<const char*> {
 protected:
  RecordStoreTest() {
    if (std::string(GetParam()) == "Memory") {
      disk_ = std::make_unique<MemoryRecordStore>();
      return;
    }
    RocksOptions options;
    options.directory = directory_ / "store";
    options.keep_free_bytes = 0;
    options.reserve_bytes = 0;
    auto disk = RocksRecordStore::Open(options);
    EXPECT_TRUE(disk.ok()) << disk.status();
    disk_ = *std::move(disk);
  }

  void Put(const std::string& key, const std::string& value, Table table = Table::kRecords) {
    Batch batch;
    batch.Put(table, key, value);
    EXPECT_TRUE(disk_->Write(batch).ok());
  }
  static std::vector<std::string> Scan(const RecordReader& reader, const ScanRange& range,
                                       size_t most = 100) {
    std::vector<std::string> found;
    const absl::Status status =
        reader.Scan(Table::kRecords, range, [&](absl::string_view key, absl::string_view value) {
          found.push_back(absl::StrCat(key, "=", value));
          return found.size() < most;
        });
    EXPECT_TRUE(status.ok()) << status;
    return found;
  }

  TempDirectory directory_;
  std::unique_ptr<RecordStore> disk_;
};

TEST_P(RecordStoreTest, GetFindsWhatWasPut) {
  Put("a", std::string("\0\xff", 2));
  EXPECT_EQ(disk_->Get(Table::kRecords, "a").value(), std::string("\0\xff", 2));
  EXPECT_EQ(disk_->Get(Table::kRecords, "b").value(), std::nullopt);
  EXPECT_EQ(disk_->Get(Table::kVersions, "a").value(), std::nullopt);
}

TEST_P(RecordStoreTest, AnEmptyValueIsAValue) {
  Put("a", "");
  EXPECT_EQ(disk_->Get(Table::kRecords, "a").value(), "");
}

TEST_P(RecordStoreTest, ScansStayInTheirTableAndRange) {
  Put("a", "1");
  Put("b", "2");
  Put("c", "3");
  Put("a", "other", Table::kMeta);
  Put("a", "other", Table::kVersions);
  EXPECT_THAT(Scan(*disk_, {}), ElementsAre("a=1", "b=2", "c=3"));
  EXPECT_THAT(Scan(*disk_, {"b", ""}), ElementsAre("b=2", "c=3"));
  EXPECT_THAT(Scan(*disk_, {"a", "c"}), ElementsAre("a=1", "b=2"));
  EXPECT_THAT(Scan(*disk_, {"b", "a"}), IsEmpty());
}

TEST_P(RecordStoreTest, ScansRunBackwardsAndEndWhenToldTo) {
  for (const char* key : {"a", "b", "c"}) Put(key, "1");
  EXPECT_THAT(Scan(*disk_, {"", "", true}), ElementsAre("c=1", "b=1", "a=1"));
  EXPECT_THAT(Scan(*disk_, {"a", "c", true}), ElementsAre("b=1", "a=1"));
  EXPECT_THAT(Scan(*disk_, {"", "", true}, 1), ElementsAre("c=1"));
  EXPECT_THAT(Scan(*disk_, {}, 2), ElementsAre("a=1", "b=1"));
}

TEST_P(RecordStoreTest, ABatchIsAppliedInItsOrder) {
  Put("a", "1");
  Batch batch;
  batch.Put(Table::kRecords, "b", "1");
  batch.Delete(Table::kRecords, "a");
  batch.Delete(Table::kRecords, "b");
  batch.Put(Table::kRecords, "b", "2");
  ASSERT_TRUE(disk_->Write(batch).ok());
  EXPECT_THAT(Scan(*disk_, {}), ElementsAre("b=2"));
}

TEST_P(RecordStoreTest, ASnapshotDoesNotSeeLaterWrites) {
  Put("a", "1");
  const auto snapshot = disk_->Snapshot();
  Put("a", "2");
  Put("b", "2");
  EXPECT_EQ(snapshot->Get(Table::kRecords, "a").value(), "1");
  EXPECT_THAT(Scan(*snapshot, {}), ElementsAre("a=1"));
}

INSTANTIATE_TEST_SUITE_P(Disks, RecordStoreTest, ::testing::Values("Memory", "Rocks"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace rollcall::store
