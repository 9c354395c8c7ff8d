#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/backup/chunks.h"
#include "server/backup/file_reader.h"
#include "server/backup/file_writer.h"
#include "tests/unit/backup/memory_source.h"

namespace rollcall::backup {
namespace {

using ::testing::HasSubstr;
using enum absl::StatusCode;

std::vector<Record> SomeRecords() {
  return {{"i/default/web/a", "value a", Revision(5)},
          {"i/default/web/b", std::string("zero \0 byte", 11), Revision(7)},
          {"s/1", "", Revision(5)}};
}

std::string FileOf(const std::vector<Record>& records) {
  FileWriter writer(SomeHeader());
  for (const Record& record : records) writer.Add(record);
  writer.End();
  return writer.Take();
}

struct Read {
  absl::Status status;
  std::optional<Header> header;
  std::vector<Record> records;
};

// Feeds `file` in pieces of `step` bytes.
Read ReadFile(const std::string& file, size_t step = 7) {
  Read read;
  FileReader reader;
  for (size_t at = 0; at < file.size() && read.status.ok(); at += step) {
    read.status = reader.Feed(absl::string_view(file).substr(at, step),
                              [&](Record record) { read.records.push_back(std::move(record)); });
  }
  if (read.status.ok()) read.status = reader.Finish();
  read.header = reader.header();
  return read;
}

MATCHER_P2(Fails, code, part, "") {
  *result_listener << arg.status;
  return arg.status.code() == code &&
         std::string(arg.status.message()).find(part) != std::string::npos;
}

TEST(BackupFileTest, WhatWasWrittenIsReadHoweverItIsCut) {
  const std::string file = FileOf(SomeRecords());
  for (const size_t step : {size_t{1}, size_t{2}, size_t{13}, file.size()}) {
    const Read read = ReadFile(file, step);
    ASSERT_TRUE(read.status.ok()) << read.status;
    EXPECT_EQ(read.header->store, SomeHeader().store);
    EXPECT_EQ(read.header->revision, SomeHeader().revision);
    EXPECT_EQ(read.header->time, SomeHeader().time);
    EXPECT_EQ(read.header->program, SomeHeader().program);
    ASSERT_EQ(read.records.size(), 3u);
    EXPECT_EQ(read.records[1].key, "i/default/web/b");
    EXPECT_EQ(read.records[1].value, std::string("zero \0 byte", 11));
    EXPECT_EQ(read.records[1].revision, Revision(7));
    EXPECT_EQ(read.records[2].value, "");
  }
}

TEST(BackupFileTest, AnEmptyStoreHasABackupToo) {
  const Read read = ReadFile(FileOf({}));
  EXPECT_TRUE(read.status.ok()) << read.status;
  EXPECT_TRUE(read.records.empty());
}

TEST(BackupFileTest, AFileThatBreaksOffAnywhereIsRefused) {
  const std::string file = FileOf(SomeRecords());
  for (size_t size = 0; size < file.size(); ++size) {
    const Read read = ReadFile(file.substr(0, size));
    EXPECT_FALSE(read.status.ok()) << size;
    if (size >= format::kPreambleBytes) {
      EXPECT_THAT(read, Fails(kDataLoss, "is incomplete"));
    }
  }
}

TEST(BackupFileTest, AFlippedBitAnywhereIsRefused) {
  const std::string file = FileOf(SomeRecords());
  for (size_t at = 0; at < file.size(); ++at) {
    for (const int bit : {0, 5, 7}) {
      std::string altered = file;
      altered[at] = static_cast<char>(altered[at] ^ (1 << bit));
      EXPECT_FALSE(ReadFile(altered).status.ok()) << "byte " << at << ", bit " << bit;
    }
  }
}

TEST(BackupFileTest, WhatFollowsTheEndIsRefused) {
  EXPECT_THAT(ReadFile(FileOf(SomeRecords()) + "x"), Fails(kDataLoss, "after its end"));
  // As a disk leaves it that lost its power.
  EXPECT_THAT(ReadFile(FileOf(SomeRecords()).substr(0, 60) + std::string(500, '\0')),
              Fails(kDataLoss, "altered or torn"));
}

TEST(BackupFileTest, AHeaderThatHoldsMoreThanAHeaderIsNone) {
  EXPECT_TRUE(format::DecodeHeader(format::EncodeHeader(SomeHeader())).ok());
  EXPECT_EQ(format::DecodeHeader(format::EncodeHeader(SomeHeader()) + "x").status().code(),
            kDataLoss);
}

TEST(BackupFileTest, WhatIsNoBackupIsCalledSo) {
  EXPECT_THAT(ReadFile(""), Fails(kInvalidArgument, "is empty"));
  EXPECT_THAT(ReadFile("{}"), Fails(kInvalidArgument, "is not a backup"));
  EXPECT_THAT(ReadFile("# a configuration file of some kind\n"),
              Fails(kInvalidArgument, "is not a backup"));
}

TEST(BackupFileTest, ANewerFormatSaysWhatToDo) {
  std::string file = FileOf(SomeRecords());
  file[format::kPreambleBytes - 1] = 9;
  EXPECT_THAT(ReadFile(file), Fails(kFailedPrecondition, "format 9"));
  EXPECT_THAT(ReadFile(file), Fails(kFailedPrecondition, "use the version that made it"));
}

TEST(BackupFileTest, RecordsOutOfOrderAreRefused) {
  std::vector<Record> records = SomeRecords();
  std::swap(records[0], records[1]);
  EXPECT_THAT(ReadFile(FileOf(records)), Fails(kDataLoss, "out of order"));
  EXPECT_THAT(ReadFile(FileOf({SomeRecords()[0], SomeRecords()[0]})),
              Fails(kDataLoss, "out of order"));
}

std::vector<Record> ManyRecords(size_t count) {
  std::vector<Record> records;
  for (size_t i = 0; i < count; ++i) {
    records.push_back({absl::StrCat("s/", 100000 + i), std::string(200, 'x'), Revision(i + 1)});
  }
  return records;
}

TEST(ChunksTest, PiecesMakeTheFileAndStaySmall) {
  MemorySource source(SomeHeader(), ManyRecords(1000));
  Chunks chunks(*source.Open(), 4096);
  std::string file;
  while (true) {
    const absl::StatusOr<std::string> chunk = chunks.Next();
    ASSERT_TRUE(chunk.ok()) << chunk.status();
    if (chunk->empty()) break;
    EXPECT_LT(chunk->size(), 3 * 4096u);
    file += *chunk;
  }
  EXPECT_EQ(file, FileOf(ManyRecords(1000)));
  EXPECT_TRUE(ReadFile(file, 1000).status.ok());
  EXPECT_EQ(*chunks.Next(), "");
}

TEST(ChunksTest, AnErrorOfTheSourceEndsItWithoutAnEnd) {
  MemorySource source(SomeHeader(), ManyRecords(100));
  source.FailAt(50);
  Chunks chunks(*source.Open(), 1024);
  absl::StatusOr<std::string> chunk;
  std::string file;
  do {
    chunk = chunks.Next();
    if (chunk.ok()) file += *chunk;
  } while (chunk.ok() && !chunk->empty());
  EXPECT_EQ(chunk.status().code(), kDataLoss);
  EXPECT_FALSE(ReadFile(file).status.ok());
}

}  // namespace
}  // namespace rollcall::backup
