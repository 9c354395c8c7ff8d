#include "server/rpc/backup_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/backup/file_reader.h"
#include "server/model/limits.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/backup/memory_source.h"

namespace rollcall::rpc {
namespace {

using enum absl::StatusCode;

// A disk that gets to what the node has applied a little later, and counts its open readings.
class LateSource final : public backup::Source {
 public:
  absl::StatusOr<std::unique_ptr<backup::Reading>> Open() const override {
    ++opened;
    backup::Header header = backup::SomeHeader();
    header.revision = stands;
    std::vector<backup::Record> records;
    records.reserve(3000);
    for (int i = 0; i < 3000; ++i) {
      records.push_back({absl::StrCat("s/", 10000 + i), std::string(300, 'x'), Revision(1)});
    }
    source_ = std::make_unique<backup::MemorySource>(header, records);
    return source_->Open();
  }
  Revision stands{100};
  mutable int opened = 0;

 private:
  mutable std::unique_ptr<backup::MemorySource> source_;
};

class BackupHandlerTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Next(BackupStream& stream) {
    Ask(stream);
    executor_.RunReady();
    return answer_ ? *answer_ : absl::UnknownError("not answered yet");
  }
  void Ask(BackupStream& stream) {
    answer_.reset();
    stream.Next([this](absl::StatusOr<std::string> chunk) { answer_ = std::move(chunk); });
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  LateSource source_;
  Revision applied_{100};
  BackupHandler handler_{
      {.reader = executor_, .clock = clock_, .source = source_, .applied = [this] {
         return applied_;
       }}};
  std::optional<absl::StatusOr<std::string>> answer_;
};

TEST_F(BackupHandlerTest, ChunksMakeTheFile) {
  const auto stream = *handler_.Begin();
  backup::FileReader reader;
  size_t chunks = 0;
  while (true) {
    const auto chunk = Next(*stream);
    ASSERT_TRUE(chunk.ok()) << chunk.status();
    if (chunk->empty()) break;
    EXPECT_LT(chunk->size(), 2 * kBackupChunkBytes);
    ASSERT_TRUE(reader.Feed(*chunk, [](const backup::Record&) {}).ok());
    ++chunks;
  }
  EXPECT_TRUE(reader.Finish().ok());
  EXPECT_EQ(reader.records(), 3000u);
  EXPECT_GT(chunks, 2u);
  EXPECT_EQ(source_.opened, 1);
}

TEST_F(BackupHandlerTest, NothingIsReadBeforeItIsAskedFor) {
  const auto stream = *handler_.Begin();
  executor_.RunReady();
  EXPECT_EQ(source_.opened, 0);
}

TEST_F(BackupHandlerTest, WhatTheNodeHadAppliedIsInIt) {
  source_.stands = Revision(90);
  const auto stream = *handler_.Begin();
  Ask(*stream);
  executor_.AdvanceBy(absl::Seconds(1));
  EXPECT_FALSE(answer_);
  source_.stands = Revision(101);
  executor_.AdvanceBy(absl::Seconds(1));
  ASSERT_TRUE(answer_);
  EXPECT_TRUE(answer_->ok()) << answer_->status();
}

TEST_F(BackupHandlerTest, ADiskThatDoesNotGetThereIsTold) {
  source_.stands = Revision(90);
  const auto stream = *handler_.Begin();
  Ask(*stream);
  executor_.AdvanceBy(absl::Seconds(10));
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->status().code(), kUnavailable);
  EXPECT_TRUE(absl::StrContains(answer_->status().message(), "revision 90"));
}

TEST_F(BackupHandlerTest, ThereIsAMostAndItsEndMakesRoom) {
  std::vector<std::shared_ptr<BackupStream>> streams;
  for (size_t i = 0; i < kMaxBackupsPerNode; ++i) streams.push_back(*handler_.Begin());
  EXPECT_EQ(handler_.Begin().status().code(), kResourceExhausted);
  streams.pop_back();
  EXPECT_TRUE(handler_.Begin().ok());
}

TEST_F(BackupHandlerTest, AStreamThatIsLetGoWhileItReadsEndsByItself) {
  std::shared_ptr<BackupStream> stream = *handler_.Begin();
  Ask(*stream);
  stream.reset();
  executor_.RunReady();
  EXPECT_TRUE(answer_.has_value());
  for (size_t i = 0; i < kMaxBackupsPerNode; ++i) stream = *handler_.Begin();
}

}  // namespace
}  // namespace rollcall::rpc
