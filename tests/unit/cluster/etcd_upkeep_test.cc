// Compactor and StoreWatch over an etcd that runs full.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/cluster/compactor.h"
#include "server/cluster/store_watch.h"
#include "server/store/etcd/testing/fake_etcd.h"
#include "server/store/etcd/testing/fake_etcd_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::cluster {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class UpkeepTest : public ::testing::Test {
 protected:
  size_t Lines(const std::string& part) const {
    size_t count = 0;
    for (const std::string& line : lines) count += line.find(part) != std::string::npos ? 1 : 0;
    return count;
  }
  static observe::LogOptions Everything() {
    observe::LogOptions options;
    options.level = observe::LogLevel::kDebug;
    return options;
  }

  testing::FakeClock clock;
  testing::ManualExecutor executor{clock};
  base::SeededRandom random{1};
  etcd::FakeEtcd etcd{executor, clock, random};
  etcd::FakeEtcdClient api{etcd, executor, clock};
  std::vector<std::string> lines;
  observe::Log log{Everything(), clock,
                   [this](absl::string_view line) { lines.emplace_back(line); }};
};

class CompactorTest : public UpkeepTest {
 protected:
  // A revision each minute.
  void AdvanceBy(absl::Duration d) {
    for (; d > absl::ZeroDuration(); d -= absl::Minutes(1)) {
      etcd.Put("k", "v");
      executor.AdvanceBy(absl::Minutes(1));
    }
  }

  Compactor compactor{etcd_api(),
                      executor,
                      clock,
                      log,
                      [this] { return Revision(static_cast<uint64_t>(etcd.revision())); },
                      {.resume_window = absl::Minutes(10)}};

 private:
  etcd::EtcdApi& etcd_api() { return api; }
};

TEST_F(CompactorTest, CompactsWhatWasAppliedAWindowAgo) {
  compactor.Start();
  compactor.SetActive(true);
  AdvanceBy(absl::Minutes(9));
  EXPECT_EQ(etcd.keys().compacted(), 0);
  AdvanceBy(absl::Minutes(11));
  EXPECT_EQ(etcd.keys().compacted(), etcd.revision() - 10);
  EXPECT_EQ(compactor.compacted().value(), static_cast<uint64_t>(etcd.keys().compacted()));
}

TEST_F(CompactorTest, ActsOnTheSweeperAlone) {
  compactor.Start();
  AdvanceBy(absl::Minutes(30));
  EXPECT_EQ(etcd.keys().compacted(), 0);
  compactor.SetActive(true);
  executor.AdvanceBy(absl::Milliseconds(1));
  EXPECT_GE(etcd.keys().compacted(), etcd.revision() - 11) << "it knows what was a window ago";
  const int64_t before = etcd.keys().compacted();
  compactor.SetActive(false);
  AdvanceBy(absl::Minutes(30));
  EXPECT_EQ(etcd.keys().compacted(), before);
}

TEST_F(CompactorTest, WhatAnotherCompactedIsDone) {
  compactor.Start();
  compactor.SetActive(true);
  AdvanceBy(absl::Minutes(9));
  ASSERT_TRUE(etcd.Compact(etcd.revision()).ok());
  AdvanceBy(absl::Minutes(5));
  EXPECT_EQ(Lines("was not compacted"), 0u);
}

TEST_F(CompactorTest, AFailureIsMadeUpForLater) {
  compactor.Start();
  compactor.SetActive(true);
  AdvanceBy(absl::Minutes(9));
  api.SetReach(etcd::Reach::kSilent);
  AdvanceBy(absl::Minutes(5));
  EXPECT_EQ(etcd.keys().compacted(), 0);
  EXPECT_GE(Lines("etcd was not compacted"), 1u);
  api.SetReach(etcd::Reach::kOpen);
  AdvanceBy(absl::Minutes(2));
  EXPECT_GE(etcd.keys().compacted(), etcd.revision() - 11);
}

TEST_F(CompactorTest, NothingNewIsNotCompactedAgain) {
  compactor.Start();
  compactor.SetActive(true);
  executor.AdvanceBy(absl::Hours(2));
  EXPECT_EQ(api.calls(etcd::CallKind::kCompact), 1);
}

class StoreWatchTest : public UpkeepTest {
 protected:
  static constexpr int64_t kQuota = 10000;
  StoreWatchTest() { etcd.state().set_quota(kQuota); }

  // Makes the database that large.
  void FillTo(int64_t bytes) {
    const int64_t more = bytes - etcd.keys().bytes();
    if (more > 100) etcd.Put("k", std::string(static_cast<size_t>(more - 49), 'x'));
  }
  void Shrink() {
    etcd.Delete("k");
    (void)etcd.Compact(etcd.revision());
    etcd.state().Defragment();
  }
  bool Writable() { return etcd.Put("probe", "x") > 0; }
  void Look() { executor.AdvanceBy(absl::Seconds(15)); }

  StoreWatch watch{api, executor, clock, log, {.quota_bytes = kQuota}};
};

TEST_F(StoreWatchTest, TellsHowMembersAre) {
  EXPECT_THAT(watch.state()->members, IsEmpty());
  etcd.SetMemberUp(1, false);
  watch.Start();
  Look();
  const auto state = watch.state();
  ASSERT_EQ(state->members.size(), 3u);
  EXPECT_EQ(state->members[0].endpoint, "http://etcd-1:2379");
  EXPECT_EQ(state->members[0].version, "3.4.23");
  EXPECT_TRUE(state->members[0].leader);
  EXPECT_FALSE(state->members[1].reachable());
  EXPECT_TRUE(state->members[2].reachable());
  EXPECT_FALSE(state->members[2].leader);
  EXPECT_FALSE(state->no_space);
  EXPECT_EQ(state->quota, kQuota);
}

TEST_F(StoreWatchTest, WarnsOnceAtEachCrossing) {
  watch.Start();
  FillTo(8200);
  for (int i = 0; i < 5; ++i) Look();
  EXPECT_EQ(Lines("nearing its quota"), 3u) << "of each member";
  EXPECT_THAT(lines, Contains(HasSubstr("percent=82")));
  FillTo(9600);
  for (int i = 0; i < 5; ++i) Look();
  EXPECT_EQ(Lines("nearing its quota"), 6u);
  Shrink();
  for (int i = 0; i < 5; ++i) Look();
  EXPECT_EQ(Lines("room again"), 3u);
}

TEST_F(StoreWatchTest, AlarmsAreToldAndShown) {
  watch.Start();
  etcd.RaiseNoSpace();
  Look();
  Look();
  EXPECT_EQ(Lines("no space left"), 1u);
  EXPECT_TRUE(watch.state()->no_space);
  EXPECT_THAT(watch.state()->members[0].alarms, ElementsAre("NOSPACE"));
  EXPECT_THAT(watch.state()->members[1].alarms, IsEmpty());
}

TEST_F(StoreWatchTest, KnownAlarmsStandWhileEtcdCannotBeAsked) {
  watch.Start();
  etcd.RaiseNoSpace();
  Look();
  etcd.SetQuorum(false);
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_TRUE(watch.state()->no_space);
  EXPECT_EQ(Lines("alarm is gone"), 0u);
}

TEST_F(StoreWatchTest, TheSweeperPutsOutTheAlarmOnceThereIsSpace) {
  watch.Start();
  watch.SetActive(true);
  FillTo(kQuota + 100);
  EXPECT_FALSE(Writable());
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_TRUE(watch.state()->no_space) << "still full";
  Shrink();
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_FALSE(watch.state()->no_space);
  EXPECT_TRUE(Writable());
  EXPECT_EQ(Lines("was put out"), 1u);
  EXPECT_EQ(Lines("alarm is gone"), 1u);
}

TEST_F(StoreWatchTest, OthersLeaveTheAlarmAlone) {
  watch.Start();
  etcd.RaiseNoSpace();
  executor.AdvanceBy(absl::Minutes(10));
  EXPECT_TRUE(watch.state()->no_space);
}

TEST_F(StoreWatchTest, AMemberThatDoesNotAnswerMayBeFull) {
  watch.Start();
  watch.SetActive(true);
  etcd.SetMemberUp(2, false);
  etcd.RaiseNoSpace();
  executor.AdvanceBy(absl::Minutes(10));
  EXPECT_TRUE(watch.state()->no_space);
  etcd.SetMemberUp(2, true);
  executor.AdvanceBy(absl::Minutes(1));
  EXPECT_FALSE(watch.state()->no_space);
}

TEST_F(StoreWatchTest, AnAlarmThatComesBackIsPutOutMoreAndMoreRarely) {
  watch.Start();
  watch.SetActive(true);
  for (int i = 0; i < 240; ++i) {  // an hour
    etcd.RaiseNoSpace();
    Look();
  }
  EXPECT_LE(Lines("was put out"), 7u);
  EXPECT_GE(Lines("was put out"), 5u);
}

TEST_F(StoreWatchTest, ASharedEtcdKeepsItsAlarms) {
  StoreWatch shared{api, executor, clock, log, {.quota_bytes = kQuota, .disarm = false}};
  shared.Start();
  shared.SetActive(true);
  etcd.RaiseNoSpace();
  executor.AdvanceBy(absl::Minutes(10));
  EXPECT_TRUE(shared.state()->no_space);
}

}  // namespace
}  // namespace rollcall::cluster
