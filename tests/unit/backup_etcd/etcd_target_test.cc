#include "server/backup/etcd/etcd_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/backup/restore.h"
#include "server/model/keys.h"
#include "server/store/etcd/testing/fake_etcd_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/unit/backup/memory_source.h"

namespace rollcall::backup {
namespace {

using etcd::CallKind;
using etcd::Fate;
using internal::v1::StoreRecord;
using enum absl::StatusCode;

constexpr char kPrefix[] = "/rollcall/";

std::vector<Record> ManyRecords(size_t count, size_t bytes = 50) {
  std::vector<Record> records;
  for (size_t i = 0; i < count; ++i) {
    records.push_back({absl::StrCat("s/", 100000 + i), std::string(bytes, 'x'), Revision(i + 1)});
  }
  return records;
}

class EtcdTargetTest : public ::testing::Test {
 protected:
  absl::StatusOr<Restored> RestoreHere(const Source& source, bool replace = false) {
    EtcdCaller caller({client_, executor_, clock_, random_,
                       [this] { executor_.AdvanceBy(absl::Milliseconds(5)); }});
    EtcdTarget target(caller, random_, {.prefix = kPrefix, .replace = replace});
    return Restore(source, target, clock_.Wall(), [this](uint64_t records) {
      if (on_progress_) on_progress_(records);
    });
  }
  absl::StatusOr<Restored> RestoreMany(size_t count, bool replace = false) {
    return RestoreHere(MemorySource(SomeHeader(), ManyRecords(count)), replace);
  }
  std::string ValueOf(const std::string& key) {
    const auto kv = etcd_.Get(kPrefix + key);
    return kv ? kv->value() : "-";
  }
  StoreRecord Store() {
    StoreRecord record;
    EXPECT_TRUE(record.ParseFromString(ValueOf(kStoreKey)));
    return record;
  }
  void PutStore(const std::string& id, StoreRecord::State state) {
    StoreRecord record;
    record.set_store_id(id);
    record.set_format(1);
    record.set_state(state);
    etcd_.Put(absl::StrCat(kPrefix, kStoreKey), record.SerializeAsString());
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{5};
  etcd::FakeEtcd etcd_{executor_, clock_, random_};
  etcd::FakeEtcdClient client_{etcd_, executor_, clock_};
  std::function<void(uint64_t)> on_progress_;
};

TEST_F(EtcdTargetTest, AnEmptyPrefixBecomesAReadyStore) {
  const auto restored = RestoreMany(1234);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->records, 1235u);
  EXPECT_EQ(Store().state(), StoreRecord::STATE_READY);
  EXPECT_EQ(Store().store_id(), restored->store.value());
  EXPECT_EQ(Store().format(), 1u);
  EXPECT_EQ(ValueOf("s/100000"), std::string(50, 'x'));
  EXPECT_EQ(ValueOf("s/101233"), std::string(50, 'x'));
  EXPECT_NE(ValueOf(kHorizonKey), "-");
}

TEST_F(EtcdTargetTest, WhileItLastsNoNodeTakesItForAStore) {
  std::vector<StoreRecord::State> states;
  on_progress_ = [&](uint64_t) { states.push_back(Store().state()); };
  ASSERT_TRUE(RestoreHere(MemorySource(SomeHeader(), ManyRecords(4, 900'000))).ok());
  EXPECT_GE(states.size(), 2u);
  EXPECT_THAT(states, ::testing::Each(StoreRecord::STATE_RESTORING));
}

TEST_F(EtcdTargetTest, APrefixWithRecordsIsRefusedAndLeftAsItIs) {
  PutStore("old", StoreRecord::STATE_READY);
  etcd_.Put("/rollcall/s/1", "kept");
  const absl::Status status = RestoreMany(3).status();
  EXPECT_EQ(status.code(), kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(status.message(), "1 records")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "--force")) << status;
  EXPECT_EQ(ValueOf("s/1"), "kept");
  EXPECT_EQ(Store().store_id(), "old");
}

TEST_F(EtcdTargetTest, APrefixThatNodesRunOnIsRefused) {
  PutStore("old", StoreRecord::STATE_READY);
  etcd_.Put("/rollcall/n/node-1", "");
  EXPECT_TRUE(absl::StrContains(RestoreMany(3).status().message(), "1 nodes run on it"));
}

TEST_F(EtcdTargetTest, AStoreThatHoldsNothingYetIsNoLoss) {
  PutStore("old", StoreRecord::STATE_READY);
  etcd_.Put("/rollcall/c/barrier", "");
  EXPECT_TRUE(RestoreMany(3).ok());
  EXPECT_NE(Store().store_id(), "old");
}

TEST_F(EtcdTargetTest, ReplacingLeavesNothingOfTheOldAndAllOfTheNeighbours) {
  PutStore("old", StoreRecord::STATE_READY);
  for (int i = 0; i < 1200; ++i) etcd_.Put(absl::StrCat("/rollcall/i/default/web/", i), "old");
  etcd_.Put("/rollcall/n/node-1", "");
  etcd_.Put("/rollcall/c/audit", "");
  etcd_.Put("/rollcalls", "another's");
  etcd_.Put("/a", "another's");
  ASSERT_TRUE(RestoreMany(3, /*replace=*/true).ok());
  EXPECT_EQ(etcd_.Get("/rollcalls")->value(), "another's");
  EXPECT_EQ(etcd_.Get("/a")->value(), "another's");
  EXPECT_EQ(ValueOf("i/default/web/7"), "-");
  EXPECT_EQ(ValueOf("n/node-1"), "-");
  EXPECT_EQ(ValueOf("c/audit"), "-");
  EXPECT_EQ(ValueOf("s/100002"), std::string(50, 'x'));
}

TEST_F(EtcdTargetTest, ARestoreThatBrokeOffIsSeenAndDoneAgain) {
  MemorySource breaks(SomeHeader(), ManyRecords(4, 900'000));
  breaks.FailAt(2);
  EXPECT_EQ(RestoreHere(breaks).status().code(), kDataLoss);
  EXPECT_EQ(Store().state(), StoreRecord::STATE_RESTORING);
  const absl::Status again = RestoreMany(3).status();
  EXPECT_EQ(again.code(), kFailedPrecondition);
  EXPECT_TRUE(absl::StrContains(again.message(), "did not end")) << again;
  ASSERT_TRUE(RestoreMany(3, /*replace=*/true).ok());
  EXPECT_EQ(Store().state(), StoreRecord::STATE_READY);
  EXPECT_NE(ValueOf("s/100002"), "-");
  EXPECT_EQ(ValueOf("s/100003"), "-");
}

TEST_F(EtcdTargetTest, OfTwoRestoresAtOnceTheLaterWins) {
  bool other = false;
  on_progress_ = [&](uint64_t) {
    if (std::exchange(other, true)) return;
    PutStore("of the other", StoreRecord::STATE_RESTORING);
  };
  EXPECT_EQ(RestoreHere(MemorySource(SomeHeader(), ManyRecords(4, 900'000))).status().code(),
            kAborted);
  EXPECT_EQ(Store().store_id(), "of the other");
  EXPECT_EQ(Store().state(), StoreRecord::STATE_RESTORING);
}

TEST_F(EtcdTargetTest, AnswersThatAreLostDoNoHarm) {
  for (const Fate fate : {Fate::kCutAfter, Fate::kCutBefore, Fate::kLostAfter, Fate::kBusy,
                          Fate::kCutAfter, Fate::kLostBefore}) {
    client_.Next(CallKind::kTxn, fate);
  }
  client_.Next(CallKind::kRange, Fate::kCutBefore);
  ASSERT_TRUE(RestoreMany(250).ok());
  // Also that of the last.
  on_progress_ = [&](uint64_t) {
    client_.Next(CallKind::kTxn, Fate::kCarriedOut);  // the base of the epochs
    client_.Next(CallKind::kTxn, Fate::kCutAfter);
  };
  const auto restored = RestoreMany(5, /*replace=*/true);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Store().state(), StoreRecord::STATE_READY);
}

TEST_F(EtcdTargetTest, AnUnreliableNetworkChangesNothingOfTheOutcome) {
  client_.SetChances({.cut_before = 0.1, .cut_after = 0.1, .lost_after = 0.05, .busy = 0.1});
  ASSERT_TRUE(RestoreMany(2000).ok());
  EXPECT_EQ(ValueOf("s/101999"), std::string(50, 'x'));
}

TEST_F(EtcdTargetTest, WithoutQuorumItGivesUpInBoundedTime) {
  etcd_.SetQuorum(false);
  const base::Instant begin = clock_.Steady();
  const absl::Status status = RestoreMany(3).status();
  EXPECT_EQ(status.code(), kUnavailable) << status;
  EXPECT_LT(clock_.Steady() - begin, absl::Minutes(1));
}

TEST_F(EtcdTargetTest, AnEtcdWithLowerLimitsTakesSmallerSteps) {
  etcd::FakeEtcd::Options options;
  options.state.max_txn_ops = 30;
  etcd::FakeEtcd small(executor_, clock_, random_, options);
  etcd::FakeEtcdClient client(small, executor_, clock_);
  EtcdCaller caller(
      {client, executor_, clock_, random_, [this] { executor_.AdvanceBy(absl::Milliseconds(5)); }});
  EtcdTarget target(caller, random_, {.prefix = kPrefix});
  const auto restored =
      Restore(MemorySource(SomeHeader(), ManyRecords(250)), target, clock_.Wall(), [](uint64_t) {});
  ASSERT_TRUE(restored.ok()) << restored.status();
}

TEST_F(EtcdTargetTest, ARecordThatEtcdCannotTakeIsNamed) {
  const absl::Status status =
      RestoreHere(MemorySource(SomeHeader(), ManyRecords(1, 3 << 20))).status();
  EXPECT_EQ(status.code(), kFailedPrecondition) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "s/100000")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "--max-request-bytes")) << status;
}

}  // namespace
}  // namespace rollcall::backup
