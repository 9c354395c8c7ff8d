// The faults of the disk in memory; what it shares with the real one is tested in
// tests/unit/store_embedded/record_store_test.cc.
#include "server/store/testing/memory_record_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace rollcall::store {
namespace {

class MemoryRecordStoreTest : public ::testing::Test {
 protected:
  absl::StatusCode Put(const std::string& key, const std::string& value) {
    Batch batch;
    batch.Put(Table::kRecords, key, value);
    return disk_.Write(batch).code();
  }
  absl::StatusCode Delete(const std::string& key) {
    Batch batch;
    batch.Delete(Table::kRecords, key);
    return disk_.Write(batch).code();
  }
  std::string Get(const std::string& key) {
    const auto value = disk_.Get(Table::kRecords, key);
    if (!value.ok()) return absl::StatusCodeToString(value.status().code());
    return value->value_or("<none>");
  }

  MemoryRecordStore disk_;
};

TEST_F(MemoryRecordStoreTest, NothingReachesACrashedDiskAndWhatWasWrittenIsThereAfterwards) {
  Put("a", "1");
  disk_.Crash();
  EXPECT_EQ(Put("b", "1"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Get("a"), "UNAVAILABLE");
  disk_.Reopen();
  EXPECT_EQ(Get("a"), "1");
  EXPECT_EQ(Get("b"), "<none>");
}

TEST_F(MemoryRecordStoreTest, AWriteDuringTheCrashIsThereOrNotAsTold) {
  disk_.CrashDuringNextWrite(MemoryRecordStore::LastWrite::kKept);
  EXPECT_EQ(Put("a", "1"), absl::StatusCode::kUnavailable);
  disk_.Reopen();
  EXPECT_EQ(Get("a"), "1");
  disk_.CrashDuringNextWrite(MemoryRecordStore::LastWrite::kLost);
  EXPECT_EQ(Put("a", "2"), absl::StatusCode::kUnavailable);
  disk_.Reopen();
  EXPECT_EQ(Get("a"), "1");
}

TEST_F(MemoryRecordStoreTest, AFullDiskRefusesWhatGrowsAndTakesWhatShrinks) {
  Put("a", std::string(100, 'x'));
  disk_.SetCapacity(120);
  EXPECT_EQ(Put("b", std::string(100, 'x')), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Get("b"), "<none>");
  EXPECT_EQ(Put("a", std::string(110, 'x')), absl::StatusCode::kOk);
  EXPECT_EQ(disk_.bytes(), 111u);
  disk_.SetCapacity(50);
  EXPECT_EQ(Delete("a"), absl::StatusCode::kOk);
  EXPECT_EQ(disk_.bytes(), 0u);
}

TEST_F(MemoryRecordStoreTest, CountsTheBatchesThatWereWritten) {
  Put("a", "1");
  disk_.SetCapacity(0);
  Put("b", "1");
  EXPECT_EQ(disk_.writes(), 1u);
}

}  // namespace
}  // namespace rollcall::store
