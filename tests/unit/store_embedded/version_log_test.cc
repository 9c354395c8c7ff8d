// The kept past, and what trimming leaves of it.
#include "server/store/version_log.h"

#include "tests/unit/store_embedded/store_fixture.h"

namespace rollcall::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class VersionLogTest : public StoreFixture {
 protected:
  std::unique_ptr<const VersionView> Read() {
    auto view = store_->version_log().Read();
    EXPECT_TRUE(view.ok()) << view.status();
    return *std::move(view);
  }
  std::vector<std::string> Under(const std::string& prefix) {
    std::vector<std::string> versions;
    const absl::Status status = Read()->ScanPrefix(prefix, [&](Version version) {
      versions.push_back(absl::StrCat(version.key, "@", version.revision.value(), "=",
                                      version.value.value_or("<purged>")));
    });
    EXPECT_TRUE(status.ok()) << status;
    return versions;
  }
  void CommitLater(Transaction transaction) {
    clock_.AdvanceBy(absl::Minutes(1));
    Commit({std::move(transaction)});
  }
  absl::StatusOr<uint64_t> Trim(HistoryLimits limits) {
    absl::StatusOr<uint64_t> result = absl::UnknownError("not answered");
    store_->version_log().Trim(limits, clock_.Wall(),
                               [&](absl::StatusOr<uint64_t> dropped) { result = dropped; });
    executor_.RunReady();
    return result;
  }
  // Drops everything older than `age`.
  void TrimOlderThan(absl::Duration age) {
    const auto dropped = Trim({age, uint64_t{1} << 40});
    EXPECT_TRUE(dropped.ok()) << dropped.status();
  }
};

TEST_F(VersionLogTest, VersionsComeByKeyAndThenByAge) {
  CommitLater(PutAt("i/b", "1", 0));
  CommitLater(PutAt("i/a", "1", 0));
  CommitLater(PutAt("i/a", "2", 2));
  CommitLater(PutAt("j/a", "1", 0));
  EXPECT_THAT(Under("i/"), ElementsAre("i/a@2=1", "i/a@3=2", "i/b@1=1"));
}

TEST_F(VersionLogTest, AKeyIsNotMixedUpWithALongerOne) {
  CommitLater(PutAt("a", "1", 0));
  CommitLater(PutAt("a-b", "1", 0));
  CommitLater(PutAt("a", "2", 1));
  std::vector<uint64_t> revisions;
  ASSERT_TRUE(
      Read()->ScanKey("a", [&](Version v) { revisions.push_back(v.revision.value()); }).ok());
  EXPECT_THAT(revisions, ElementsAre(1, 3));
}

TEST_F(VersionLogTest, WhatStandsIsWrittenOnceAndMovesWhenItIsSuperseded) {
  const auto versions_on_disk = [&] {
    std::vector<std::string> keys;
    const absl::Status status =
        disk_.Scan(Table::kVersions, {}, [&](absl::string_view key, absl::string_view bytes) {
          const Version version = layout::DecodeVersion(key, bytes).value();
          keys.push_back(absl::StrCat(version.key, "@", version.revision.value()));
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return keys;
  };
  CommitLater(PutAt("a", "1", 0));
  EXPECT_THAT(versions_on_disk(), IsEmpty());
  EXPECT_THAT(Under(""), ElementsAre("a@1=1"));
  CommitLater(PutAt("a", "2", 1));
  EXPECT_THAT(versions_on_disk(), ElementsAre("a@1"));
  CommitLater(DeleteAt("a", 2));
  EXPECT_THAT(versions_on_disk(), ElementsAre("a@1", "a@2", "a@3"));
  EXPECT_THAT(Under(""), ElementsAre("a@1=1", "a@2=2", "a@3=<purged>"));
}

TEST_F(VersionLogTest, ManyRecordsComeInOrderBetweenThoseThatArePurged) {
  std::vector<std::string> expected;
  for (uint64_t i = 0; i < 1000; ++i) {
    const std::string key = absl::StrCat("i/", i + 1000);
    Commit({PutAt(key, "1", 0)});
    const uint64_t made = 2 * i + 1;
    const bool purged = i % 3 == 0;
    Commit({purged ? DeleteAt(key, made) : PutAt(key, "2", made)});
    expected.push_back(absl::StrCat(key, "@", made, "=1"));
    expected.push_back(absl::StrCat(key, "@", made + 1, "=", purged ? "<purged>" : "2"));
  }
  Commit({PutAt("h/", "x", 0), PutAt("j/", "x", 0)});
  EXPECT_EQ(Under("i/"), expected);
}

TEST_F(VersionLogTest, RecordsAreReadInPagesWhoseEdgesDoNotShow) {
  for (const size_t count : {255, 256, 257, 512}) {
    const std::string prefix = absl::StrCat("p", count, "/");
    std::vector<std::string> expected;
    for (size_t i = 0; i + 2 < count; ++i) {
      const std::string key = absl::StrCat(prefix, i + 1000);
      expected.push_back(absl::StrCat(key, "@", Commit({PutAt(key, "1", 0)})[0], "=1"));
    }
    // Keys that begin alike stand around the edge, one that is gone among them.
    for (const char* last : {"z", "z\x01", "z-b"}) {
      const std::string key = prefix + last;
      const std::string made = Commit({PutAt(key, "1", 0)})[0];
      expected.push_back(absl::StrCat(key, "@", made, "=1"));
      if (key.back() != '\x01') continue;
      const uint64_t guard = std::stoull(made);
      expected.push_back(absl::StrCat(key, "@", Commit({DeleteAt(key, guard)})[0], "=<purged>"));
    }
    EXPECT_EQ(Under(prefix), expected) << count;
  }
}

TEST_F(VersionLogTest, AKeyMayComeAndGoWithinOneWrite) {
  const size_t writes = disk_.writes();
  Submit({PutAt("a", "1", 0)});
  Submit({PutAt("a", "2", 1)});
  Submit({DeleteAt("a", 2)});
  Submit({PutAt("a", "4", 0)});
  executor_.RunReady();
  EXPECT_EQ(disk_.writes(), writes + 1);
  EXPECT_THAT(TakeLog(), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(Under(""), ElementsAre("a@1=1", "a@2=2", "a@3=<purged>", "a@4=4"));
  WatchFrom(0);
  executor_.RunReady();
  EXPECT_THAT(TakeLog(), ElementsAre("1: a=1", "2: a=2", "3: a=<purged>", "4: a=4"));
}

// Format 1 wrote each version when it came.
TEST_F(VersionLogTest, AnEarlierFormatIsReadAsItIsAndGoesOn) {
  CommitLater(PutAt("a", "1", 0));
  CommitLater(PutAt("b", "1", 0));
  CommitLater(PutAt("a", "2", 1));
  Batch earlier;
  earlier.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(1));
  earlier.Put(Table::kVersions, layout::VersionKey("a", Revision(3)), layout::EncodeVersion("2"));
  earlier.Put(Table::kVersions, layout::VersionKey("b", Revision(2)), layout::EncodeVersion("1"));
  ASSERT_TRUE(disk_.Write(earlier).ok());
  const size_t writes = disk_.writes();
  Reopen();
  EXPECT_EQ(disk_.writes(), writes) << "a full disk can be opened";
  EXPECT_THAT(Under(""), ElementsAre("a@1=1", "a@3=2", "b@2=1"));
  EXPECT_THAT(VersionsOf("a"), ElementsAre("1=1", "3=2"));
  WatchFrom(1);
  executor_.RunReady();
  EXPECT_THAT(TakeLog(), ElementsAre("2: b=1", "3: a=2"));
  EXPECT_THAT(Commit({PutAt("a", "3", 3), DeleteAt("b", 2)}),
              ElementsAre("4: a=3 b=<purged>", "4", "4"));
  EXPECT_EQ(disk_.Get(Table::kMeta, layout::kFormatKey).value(),
            layout::EncodeNumber(layout::kFormat));
  EXPECT_THAT(Under(""), ElementsAre("a@1=1", "a@3=2", "a@4=3", "b@2=1", "b@4=<purged>"));
  TrimOlderThan(absl::Seconds(-1));
  EXPECT_THAT(Under(""), ElementsAre("a@4=3"));
}

TEST_F(VersionLogTest, AViewStaysAsItWas) {
  CommitLater(PutAt("a", "1", 0));
  const auto view = Read();
  CommitLater(PutAt("a", "2", 1));
  TrimOlderThan(absl::ZeroDuration());
  size_t versions = 0;
  ASSERT_TRUE(view->ScanKey("a", [&](Version) { ++versions; }).ok());
  EXPECT_EQ(versions, 1u);
  EXPECT_EQ(view->revision(), Revision(1));
}

TEST_F(VersionLogTest, TimesLeadToRevisionsAndBack) {
  const absl::Time made = clock_.Wall();
  CommitLater(PutAt("a", "1", 0));  // at 1 min
  CommitLater(PutAt("a", "2", 1));  // at 2 min
  CommitLater(PutAt("a", "3", 2));  // at 3 min
  const auto view = Read();
  EXPECT_EQ(view->TimeOf(Revision(2)).value(), made + absl::Minutes(2));
  EXPECT_EQ(view->RevisionAt(made - absl::Hours(1)).value(), Revision(0));
  EXPECT_EQ(view->RevisionAt(made + absl::Seconds(90)).value(), Revision(1));
  EXPECT_EQ(view->RevisionAt(made + absl::Minutes(2)).value(), Revision(2));
  EXPECT_EQ(view->RevisionAt(absl::InfiniteFuture()).value(), Revision(3));
  EXPECT_EQ(view->floor().revision, Revision(0));
  EXPECT_EQ(view->floor().time, made);
}

TEST_F(VersionLogTest, TrimmingKeepsWhatStoodWhenTheRestBegins) {
  CommitLater(PutAt("a", "1", 0));
  CommitLater(PutAt("b", "1", 0));
  CommitLater(PutAt("a", "2", 1));
  CommitLater(PutAt("a", "3", 3));
  TrimOlderThan(absl::Seconds(30));  // 1, 2 and 3 go
  EXPECT_THAT(Under(""), ElementsAre("a@3=2", "a@4=3", "b@2=1"));
  EXPECT_EQ(Read()->floor().revision, Revision(3));
  EXPECT_EQ(Read()->floor().time, clock_.Wall() - absl::Minutes(1));
  EXPECT_EQ(Read()->TimeOf(Revision(2)).status().code(), absl::StatusCode::kOutOfRange);
}

TEST_F(VersionLogTest, OfAPurgedRecordNothingStays) {
  CommitLater(PutAt("a", "1", 0));
  CommitLater(DeleteAt("a", 1));
  TrimOlderThan(absl::Seconds(-1));
  EXPECT_THAT(Under(""), IsEmpty());
}

TEST_F(VersionLogTest, ARecordThatCameAgainKeepsOnlyItsNewLife) {
  CommitLater(PutAt("a", "1", 0));
  CommitLater(DeleteAt("a", 1));
  CommitLater(PutAt("a", "2", 0));
  TrimOlderThan(absl::Seconds(30));
  EXPECT_THAT(Under(""), ElementsAre("a@3=2"));
}

TEST_F(VersionLogTest, TrimmingTakesNothingFromTheRecordsAndLosesNoRevision) {
  CommitLater(PutAt("a", "1", 0));
  CommitLater(PutAt("a", "2", 1));
  TrimOlderThan(absl::Seconds(-1));  // everything, the newest included
  EXPECT_THAT(Load(), ElementsAre("a@2=2", "2"));
  Reopen();
  EXPECT_THAT(Load(), ElementsAre("a@2=2", "2"));
  EXPECT_THAT(Commit({PutAt("a", "3", 2)}), ElementsAre("3"));
  EXPECT_THAT(Under(""), ElementsAre("a@2=2", "a@3=3"));
}

TEST_F(VersionLogTest, HistoryIsBoundedBySize) {
  for (uint64_t i = 0; i < 100; ++i) CommitLater(PutAt("a", std::string(1000, 'x'), i));
  const auto dropped = Trim({absl::Hours(24), 10'000});
  ASSERT_TRUE(dropped.ok());
  EXPECT_THAT(*dropped, ::testing::AllOf(::testing::Ge(88u), ::testing::Le(92u)));
  EXPECT_EQ(Trim({absl::Hours(24), 10'000}).value(), 0u);
  Reopen();
  EXPECT_EQ(Trim({absl::Hours(24), 10'000}).value(), 0u);
}

TEST_F(VersionLogTest, CommitsPassBetweenTheStepsOfALongTrim) {
  for (uint64_t i = 0; i < 1000; ++i) Commit({PutAt("a", "x", i)});
  clock_.AdvanceBy(absl::Hours(1));
  store_->version_log().Trim({absl::Minutes(1), 0}, clock_.Wall(),
                             [&](absl::StatusOr<uint64_t> dropped) {
                               log_.push_back(absl::StrCat("dropped ", dropped.value()));
                             });
  store_->Versions("a", Revision(0), [&](absl::StatusOr<std::vector<Record>> versions) {
    log_.push_back(versions->size() > 1 ? "others passed" : "others waited");
  });
  executor_.RunReady();
  EXPECT_THAT(TakeLog(), ElementsAre("others passed", "dropped 1000"));
}

TEST_F(VersionLogTest, OneTrimRunsAtATime) {
  Commit({PutAt("a", "1", 0)});
  std::vector<absl::StatusCode> codes;
  for (int i = 0; i < 2; ++i) {
    store_->version_log().Trim({}, clock_.Wall(), [&](absl::StatusOr<uint64_t> dropped) {
      codes.push_back(dropped.status().code());
    });
  }
  executor_.RunReady();
  EXPECT_THAT(codes, ElementsAre(absl::StatusCode::kAborted, absl::StatusCode::kOk));
}

TEST_F(VersionLogTest, AFullDiskStillLetsHistoryGo) {
  for (uint64_t i = 0; i < 10; ++i) CommitLater(PutAt("a", "x", i));
  disk_.SetCapacity(disk_.bytes() / 2);
  TrimOlderThan(absl::ZeroDuration());
  EXPECT_EQ(Read()->floor().revision, Revision(9));
}

}  // namespace
}  // namespace rollcall::store
