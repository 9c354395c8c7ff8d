#include "server/store/embedded/log_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"
#include "tests/support/temp_directory.h"

namespace rollcall::store {
namespace {

constexpr size_t kSector = 512;
constexpr size_t kBlock = 32 << 10;
// Of a record beside a value of 128 bytes or more.
constexpr size_t kAround = 26;

// Logs as RocksDB itself writes them, and where each record ends.
class CheckLogTest : public ::testing::Test {
 protected:
  CheckLogTest() {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(options, temp_ / "db", &db).ok());
    db_.reset(db);
  }

  std::string Read(const std::string& extension) const {
    for (const auto& file : std::filesystem::directory_iterator(temp_ / "db")) {
      if (file.path().extension() != extension) continue;
      std::ostringstream bytes;
      bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
      return bytes.str();
    }
    return "";
  }
  std::string Log() const { return Read(".log"); }
  // Adds a record whose value has so many bytes.
  void Add(size_t bytes, bool noise = true) {
    std::string value(bytes, '\0');
    if (noise) {
      for (char& c : value) c = static_cast<char>(random_.Next());
    }
    Put(value);
  }
  void Put(const std::string& value) {
    EXPECT_TRUE(db_->Put({}, "key", value).ok());
    ends_.push_back(Log().size());
  }
  // Where the last record that `size` bytes hold whole ends.
  size_t WholeIn(size_t size) const {
    size_t whole = 0;
    for (const size_t end : ends_) {
      if (end <= size) whole = end;
    }
    return whole;
  }
  static std::string Flipped(std::string log, size_t at, int bit) {
    log[at] = static_cast<char>(log[at] ^ (1 << bit));
    return log;
  }

  TempDirectory temp_;
  base::SeededRandom random_{5};
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<size_t> ends_;
};

TEST_F(CheckLogTest, WhatWasWrittenIsWhole) {
  EXPECT_EQ(*CheckLog(Log()), 0u);
  for (const size_t bytes : {0, 1, 100, 5000, 40'000, 100'000, 3}) {
    Add(bytes);
    EXPECT_EQ(*CheckLog(Log()), ends_.back());
  }
  // Values of every length bring ends of records to every place near the end of a block.
  while (ends_.back() % kBlock < kBlock - 4000) Add(1000);
  while (ends_.back() % kBlock > kBlock - 5000) {
    Add(random_.Below(40));
    EXPECT_EQ(*CheckLog(Log()), ends_.back());
  }
}

TEST_F(CheckLogTest, EveryFlippedBitIsDamage) {
  for (const size_t bytes : {20, 1, 300, 7}) Add(bytes);
  Add(2 * kSector, false);  // empty sectors are what a torn end is known by
  Add(30);
  const std::string log = Log();
  for (size_t at = 0; at < log.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      EXPECT_EQ(CheckLog(Flipped(log, at, bit)).status().code(), absl::StatusCode::kDataLoss)
          << "byte " << at << ", bit " << bit;
    }
  }
}

TEST_F(CheckLogTest, EveryFlippedBitOfAManifestIsDamage) {
  for (const auto& file : std::filesystem::directory_iterator(temp_ / "db")) {
    if (file.path().filename().string().rfind("MANIFEST", 0) != 0) continue;
    std::ostringstream bytes;
    bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
    const std::string log = bytes.str();
    ASSERT_GT(log.size(), 50u);
    EXPECT_EQ(*CheckLog(log), log.size());
    for (size_t at = 0; at < log.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        EXPECT_FALSE(CheckLog(Flipped(log, at, bit)).ok()) << "byte " << at << ", bit " << bit;
      }
    }
  }
}

TEST_F(CheckLogTest, AFlippedBitOfARecordOfSeveralBlocksIsDamage) {
  Add(10);
  Add(70'000);
  const std::string log = Log();
  for (int i = 0; i < 2000; ++i) {
    const size_t at = random_.Below(log.size());
    EXPECT_FALSE(CheckLog(Flipped(log, at, static_cast<int>(random_.Below(8)))).ok()) << at;
  }
  for (const size_t head : {kBlock, 2 * kBlock}) {
    for (size_t at = head; at < head + 7; ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        EXPECT_FALSE(CheckLog(Flipped(log, at, bit)).ok()) << "byte " << at << ", bit " << bit;
      }
    }
  }
}

TEST_F(CheckLogTest, AnEndThatIsCutAnywhereIsTorn) {
  for (const size_t bytes : {20, 300, 40'000, 5}) Add(bytes);
  const std::string log = Log();
  for (size_t size = 0; size <= log.size(); size += 1 + random_.Below(20)) {
    const absl::StatusOr<size_t> whole = CheckLog(log.substr(0, size));
    ASSERT_TRUE(whole.ok()) << size << ": " << whole.status();
    EXPECT_EQ(*whole, WholeIn(size)) << size;
  }
}

TEST_F(CheckLogTest, ALastRecordWithEmptySectorsIsTorn) {
  Add(100);
  Add(3000);
  const size_t before = ends_.back();
  Add(70'000);
  const std::string log = Log();
  for (int i = 0; i < 300; ++i) {
    std::string torn = log;
    bool lost = false;
    for (size_t sector = before / kSector * kSector; sector < log.size(); sector += kSector) {
      if (random_.Below(4) != 0) continue;
      lost = true;
      const size_t from = std::max(sector, before);
      const size_t to = std::min(sector + kSector, log.size());
      std::fill(torn.begin() + static_cast<ptrdiff_t>(from),
                torn.begin() + static_cast<ptrdiff_t>(to), '\0');
    }
    if (!lost) continue;
    const absl::StatusOr<size_t> whole = CheckLog(torn);
    ASSERT_TRUE(whole.ok()) << whole.status();
    EXPECT_EQ(*whole, before);
  }
}

// The last byte, alone in its sector, is either torn off or had its only bit flipped.
TEST_F(CheckLogTest, ALastSectorThatLacksOneBitIsDamage) {
  Add(100);
  while (Log().size() % kSector != 1) Add(random_.Below(kSector));
  for (const char last : {'\x01', '\x03'}) {
    Put(std::string(kSector - kAround - 1, '!') + last);
    std::string log = Log();
    ASSERT_EQ(log.size() % kSector, 1u);
    log.back() = '\0';
    EXPECT_EQ(CheckLog(log).ok(), last == '\x03');
  }
}

TEST_F(CheckLogTest, ARoomThatIsEmptyBehindTheEndIsTorn) {
  Add(100);
  const std::string log = Log();
  for (const size_t room : {1, 6, 7, 8, 400, 5000, 70'000}) {
    const absl::StatusOr<size_t> whole = CheckLog(log + std::string(room, '\0'));
    ASSERT_TRUE(whole.ok()) << whole.status();
    EXPECT_EQ(*whole, log.size());
  }
}

TEST_F(CheckLogTest, AnEmptySectorBeforeAnotherRecordIsDamage) {
  Add(3000);
  Add(10);
  std::string log = Log();
  std::fill(log.begin() + kSector, log.begin() + 2 * kSector, '\0');
  EXPECT_FALSE(CheckLog(log).ok());
  EXPECT_EQ(*CheckLog(log, 2), 0u) << "unless one sync was for both";
  Add(10);
  std::string longer = Log();
  std::copy(log.begin(), log.end(), longer.begin());
  EXPECT_FALSE(CheckLog(longer, 2).ok());
}

TEST_F(CheckLogTest, WhatIsNotEmptyAndNotCutIsDamage) {
  Add(100);
  Add(200);
  std::string log = Log();
  for (size_t at = ends_[0] + 30; at < ends_[0] + 60; ++at) log[at] = '!';
  EXPECT_FALSE(CheckLog(log).ok());
}

}  // namespace
}  // namespace rollcall::store
