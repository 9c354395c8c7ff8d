#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"
#include "server/backup/disk/disk_source.h"
#include "server/backup/disk/disk_target.h"
#include "server/backup/restore.h"
#include "server/model/keys.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/embedded/replica_rewrite.h"
#include "server/store/testing/memory_record_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/support/records.h"
#include "tests/unit/backup/memory_source.h"

namespace rollcall::backup {
namespace {

using store::MemoryRecordStore;
using enum absl::StatusCode;

class BackupDiskTest : public ::testing::Test {
 protected:
  std::unique_ptr<store::EmbeddedStore> OpenStore(MemoryRecordStore& disk) {
    auto opened = store::EmbeddedStore::Open(disk, executor_, executor_, clock_, random_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  void Commit(store::EmbeddedStore& store, const std::string& key, const std::string& value,
              Revision stands = Revision(0)) {
    bool held = false;
    store.Commit({{{{key, stands}}, {{key, value}}, {}}}, [&](std::vector<store::Outcome> out) {
      held = std::holds_alternative<store::Committed>(out[0]);
    });
    executor_.RunReady();
    EXPECT_TRUE(held) << key;
  }
  static std::vector<Record> All(Reading& reading, size_t step) {
    std::vector<Record> all;
    while (true) {
      auto records = reading.Next(step);
      EXPECT_TRUE(records.ok()) << records.status();
      if (!records.ok() || records->empty()) return all;
      for (Record& record : *records) all.push_back(std::move(record));
    }
  }
  absl::StatusOr<Restored> RestoreInto(MemoryRecordStore& disk, const Source& source) {
    DiskTarget target(disk, random_, clock_);
    return Restore(source, target, clock_.Wall(), [](uint64_t) {});
  }
  // Two services, a session and an override, on the old store.
  void Fill(store::EmbeddedStore& store) {
    Commit(store, "s/1",
           testing::SessionOf("1", internal::v1::SESSION_STATE_LIVE).SerializeAsString());
    for (const char* id : {"a", "b"}) {
      Commit(store, InstanceKeyOf(testing::Name("web", id)),
             testing::InstanceOf(testing::SpecOf("web", id), "1", 50).SerializeAsString());
    }
    Commit(store, OverrideKeyOf(testing::Name("web", "a")), "");
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{3};
  MemoryRecordStore old_disk_;
  MemoryRecordStore new_disk_;
  DiskSource source_{old_disk_, clock_, "1.2.3"};
};

TEST_F(BackupDiskTest, AReadingIsTheStateOfOneRevisionWhateverIsCommittedMeanwhile) {
  const auto store = OpenStore(old_disk_);
  for (int i = 0; i < 20; ++i) Commit(*store, absl::StrCat("s/", 10 + i), "old");
  const auto reading = *source_.Open();
  EXPECT_EQ(reading->header().revision, Revision(20));
  EXPECT_EQ(reading->header().store, store->id());
  EXPECT_EQ(reading->header().program, "1.2.3");
  EXPECT_EQ(reading->header().time, clock_.Wall());
  ASSERT_EQ(reading->Next(1)->size(), 1u);
  Commit(*store, "s/15", "new", Revision(6));
  Commit(*store, "s/99", "new");
  const std::vector<Record> rest = All(*reading, 30);
  ASSERT_EQ(rest.size(), 19u);
  for (const Record& record : rest) EXPECT_EQ(record.value, "old");
  EXPECT_EQ(rest[4].key, "s/15");
  EXPECT_EQ(rest[4].revision, Revision(6));
}

TEST_F(BackupDiskTest, ADiskWithoutAStoreHasNoBackup) {
  EXPECT_EQ(source_.Open().status().code(), kUnavailable);
}

// A node's copy of a cluster's store, as far as it has got.
TEST_F(BackupDiskTest, AReplicaIsReadAtItsPositionUnlessItIsBeingWrittenAnew) {
  ASSERT_TRUE(store::OpenReplicaMeta(old_disk_, clock_.Wall()).ok());
  EXPECT_EQ(source_.Open().status().code(), kUnavailable);
  store::ReplicaRewrite rewrite(old_disk_);
  ASSERT_TRUE(rewrite
                  .Run(StoreId("cluster"), Revision(900), clock_.Wall(),
                       {{"s/1", "one", Revision(20)}, {"s/2", "two", Revision(30)}})
                  .ok());
  const auto reading = *source_.Open();
  EXPECT_EQ(reading->header().store, StoreId("cluster"));
  EXPECT_EQ(reading->header().revision, Revision(900));
  const std::vector<Record> records = All(*reading, 100);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[1].value, "two");
  EXPECT_EQ(records[1].revision, Revision(30));
  store::Batch loading;
  loading.Put(store::Table::kMeta, store::layout::kLoadingKey, "");
  ASSERT_TRUE(old_disk_.Write(loading).ok());
  EXPECT_EQ(source_.Open().status().code(), kUnavailable);
}

TEST_F(BackupDiskTest, ARestoredStoreOpensWithAnotherIdAndTheSameRecords) {
  const auto store = OpenStore(old_disk_);
  Fill(*store);
  const auto restored = RestoreInto(new_disk_, source_);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->from.store, store->id());
  EXPECT_EQ(restored->records, 5u);  // the base of the epochs is one
  const auto fresh = OpenStore(new_disk_);
  EXPECT_EQ(fresh->id(), restored->store);
  EXPECT_NE(fresh->id(), store->id());
  std::map<std::string, std::string> before;
  std::map<std::string, std::string> after;
  ASSERT_TRUE(store->Load([&](store::Record r) { before[r.key] = r.value; }).ok());
  const auto revision = fresh->Load([&](store::Record r) {
    after[r.key] = r.value;
    EXPECT_EQ(r.revision, Revision(1));
  });
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_EQ(*revision, Revision(1));
  EXPECT_EQ(after.erase(kHorizonKey), 1u);
  EXPECT_EQ(after, before);
}

TEST_F(BackupDiskTest, ARestoredStoreTakesCommitsAndTellsItsHistory) {
  Fill(*OpenStore(old_disk_));
  ASSERT_TRUE(RestoreInto(new_disk_, source_).ok());
  const auto fresh = OpenStore(new_disk_);
  Commit(*fresh, "s/1", "changed", Revision(1));
  const auto view = *fresh->version_log().Read();
  EXPECT_EQ(view->revision(), Revision(2));
  EXPECT_EQ(view->floor().revision, Revision(1));
  std::vector<uint64_t> versions;
  ASSERT_TRUE(
      view->ScanKey("s/1", [&](store::Version v) { versions.push_back(v.revision.value()); }).ok());
  EXPECT_EQ(versions, (std::vector<uint64_t>{1, 2}));
}

TEST_F(BackupDiskTest, ADiskThatHoldsAnythingIsRefused) {
  OpenStore(new_disk_);
  const auto restored = RestoreInto(new_disk_, MemorySource(SomeHeader(), {}));
  EXPECT_EQ(restored.status().code(), kFailedPrecondition);
}

TEST_F(BackupDiskTest, ASourceThatBreaksLeavesNoStore) {
  MemorySource source(SomeHeader(),
                      {{"s/1", std::string(2 << 20, 'x'), Revision(1)}, {"s/2", "", Revision(2)}});
  source.FailAt(1);
  EXPECT_EQ(RestoreInto(new_disk_, source).status().code(), kDataLoss);
  EXPECT_FALSE(store::EmbeddedStore::Open(new_disk_, executor_, executor_, clock_, random_).ok());
}

// A disk that loses its power at the given write.
class FailingDisk final : public store::RecordStore {
 public:
  FailingDisk(MemoryRecordStore& disk, size_t write, MemoryRecordStore::LastWrite fate)
      : disk_(disk), write_(write), fate_(fate) {}
  absl::StatusOr<std::optional<std::string>> Get(store::Table table,
                                                 absl::string_view key) const override {
    return disk_.Get(table, key);
  }
  absl::Status Scan(store::Table table, const store::ScanRange& range,
                    ScanSink sink) const override {
    return disk_.Scan(table, range, sink);
  }
  absl::Status Write(const store::Batch& batch) override {
    if (disk_.writes() == write_) disk_.CrashDuringNextWrite(fate_);
    return disk_.Write(batch);
  }
  std::unique_ptr<const store::RecordReader> Snapshot() const override { return disk_.Snapshot(); }
  std::string name() const override { return disk_.name(); }

 private:
  MemoryRecordStore& disk_;
  const size_t write_;
  const MemoryRecordStore::LastWrite fate_;
};

TEST_F(BackupDiskTest, ACrashAtAnyWriteLeavesNoStoreOrAllOfIt) {
  std::vector<Record> records;
  records.reserve(5);
  for (int i = 0; i < 5; ++i) {
    records.push_back({absl::StrCat("s/", i), std::string(1 << 20, 'x'), Revision(1)});
  }
  const MemorySource source(SomeHeader(), records);
  MemoryRecordStore whole;
  ASSERT_TRUE(RestoreInto(whole, source).ok());
  ASSERT_EQ(whole.writes(), 7u);
  for (const auto fate :
       {MemoryRecordStore::LastWrite::kLost, MemoryRecordStore::LastWrite::kKept}) {
    for (size_t write = 0; write < whole.writes(); ++write) {
      MemoryRecordStore disk;
      FailingDisk failing(disk, write, fate);
      DiskTarget target(failing, random_, clock_);
      EXPECT_FALSE(Restore(source, target, clock_.Wall(), [](uint64_t) {}).ok());
      disk.Reopen();
      const bool all = write + 1 == whole.writes() && fate == MemoryRecordStore::LastWrite::kKept;
      EXPECT_EQ(disk.bytes() == whole.bytes(), all);
      if (disk.bytes() == 0) continue;
      EXPECT_EQ(store::EmbeddedStore::Open(disk, executor_, executor_, clock_, random_).ok(), all)
          << "write " << write;
    }
  }
}

TEST_F(BackupDiskTest, AFullDiskSaysSo) {
  new_disk_.SetCapacity(100'000);
  const MemorySource source(SomeHeader(), {{"s/1", std::string(1 << 20, 'x'), Revision(1)}});
  EXPECT_EQ(RestoreInto(new_disk_, source).status().code(), kResourceExhausted);
}

}  // namespace
}  // namespace rollcall::backup
