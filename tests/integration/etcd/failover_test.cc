// Three members of which one fails: killed, standing still, or out of reach.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/etcd/api_client.h"
#include "tests/integration/support/etcd_test.h"

namespace rollcall::integration {
namespace {

// A hung member is given up in 2 to 2.75 s; the rest is for a loaded machine.
constexpr absl::Duration kGivenUp = absl::Seconds(20);

class FailoverTest : public EtcdTest {
 protected:
  void SetUp() override {
    EtcdTest::SetUp();
    if (IsSkipped()) return;
    EtcdOptions options;
    options.members = 3;
    etcd_ = std::make_unique<EtcdCluster>(options);
    client_ = std::make_unique<ApiClient>(OptionsFor(etcd_->endpoints()));
    PutAtLast("/k/a", "1");
  }
  ApiClient& client() { return *client_; }

  // A put that may fail while a member or the leader is lost, until one succeeds.
  void PutAtLast(const std::string& key, const std::string& value) {
    absl::Status last;
    const bool done = Eventually([&] {
      last = client().Ask(&EtcdApi::Txn, PutOf(key, value), absl::Seconds(3)).status();
      EXPECT_TRUE(last.ok() || absl::IsUnavailable(last) || absl::IsDeadlineExceeded(last)) << last;
      return last.ok();
    });
    EXPECT_TRUE(done) << last;
  }

  std::unique_ptr<EtcdCluster> etcd_;
  std::unique_ptr<ApiClient> client_;
};

TEST_F(FailoverTest, EveryEndpointTellsItsStatus) {
  etcd_->Kill(2);
  const Stopwatch stopwatch;
  const auto members = client().Status();
  EXPECT_LT(stopwatch.elapsed(), kGivenUp) << "a dead member held up the others";
  ASSERT_EQ(members.size(), 3);
  EXPECT_TRUE(members[0].status.ok()) << members[0].status.status();
  EXPECT_TRUE(members[1].status.ok()) << members[1].status.status();
  EXPECT_TRUE(absl::IsUnavailable(members[2].status.status())) << members[2].status.status();
  EXPECT_EQ(members[2].endpoint, etcd_->member(2).endpoint());
}

TEST_F(FailoverTest, ReadsGoOnWhenTheMemberInUseIsKilled) {
  WatchUnderTest watch(client(), WatchOf("/k/"));
  EXPECT_TRUE(watch.Next().created());
  etcd_->Kill(0);
  EXPECT_EQ(client().Get("/k/a"), "1");
  EXPECT_TRUE(absl::IsUnavailable(watch.End()));
  PutAtLast("/k/a", "2");
  WatchUnderTest next(client(), WatchOf("/k/"));
  EXPECT_TRUE(next.Next().created());
}

TEST_F(FailoverTest, ReadsGoOnWhenTheMemberInUseStandsStill) {
  WatchUnderTest watch(client(), WatchOf("/k/"));
  EXPECT_TRUE(watch.Next().created());
  const auto put_under_way = [&] { return client().AskLater(&EtcdApi::Txn, PutOf("/k/b", "1")); };
  etcd_->Stop(0);
  const Stopwatch stopwatch;
  const auto put = put_under_way();
  EXPECT_EQ(client().Get("/k/a"), "1");
  EXPECT_LT(stopwatch.elapsed(), kGivenUp);
  // Nobody knows what becomes of it.
  EXPECT_TRUE(absl::IsUnavailable(ApiClient::Await(put).status()));
  EXPECT_TRUE(absl::IsUnavailable(watch.End()));
  EXPECT_LT(stopwatch.elapsed(), kGivenUp);
  PutAtLast("/k/a", "2");
  etcd_->Continue(0);
  etcd_->AwaitHealthy();
  EXPECT_EQ(client().Get("/k/a"), "2");
}

// Only a watch is under way, and nothing happens: silence alone is no failure.
TEST_F(FailoverTest, AnIdleWatchIsKeptAndAHungOneIsNoticed) {
  WatchUnderTest watch(client(), WatchOf("/idle/"));
  EXPECT_TRUE(watch.Next().created());
  EXPECT_FALSE(watch.ends.Take(absl::Seconds(12))) << "an idle watch was ended";
  const Stopwatch stopwatch;
  etcd_->Stop(0);
  EXPECT_TRUE(absl::IsUnavailable(watch.End()));
  EXPECT_LT(stopwatch.elapsed(), kGivenUp);
  etcd_->Continue(0);
}

TEST_F(FailoverTest, TheNextWatchGoesToAnotherMember) {
  const auto watches_at = [&](size_t i) {
    return etcd_->member(i).Metric("etcd_debugging_mvcc_watch_stream_total");
  };
  auto first = std::make_unique<WatchUnderTest>(client(), WatchOf("/k/"));
  EXPECT_TRUE(first->Next().created());
  EXPECT_TRUE(Eventually([&] { return watches_at(0) == 1; }));
  first.reset();
  WatchUnderTest second(client(), WatchOf("/k/"));
  EXPECT_TRUE(second.Next().created());
  EXPECT_TRUE(Eventually([&] { return watches_at(0) == 0 && watches_at(1) == 1; }));
}

TEST_F(FailoverTest, WritesGoOnWhenTheLeaderIsKilled) {
  const size_t leader = etcd_->AwaitLeader();
  etcd_->Kill(leader);
  PutAtLast("/k/a", "2");
  EXPECT_EQ(client().Get("/k/a"), "2");
  etcd_->Restart(leader);
  etcd_->AwaitHealthy();
}

TEST_F(FailoverTest, WithoutAQuorumWritesAreRefusedInTimeAndComeBack) {
  WatchUnderTest watch(client(), WatchOf("/k/"));
  EXPECT_TRUE(watch.Next().created());
  etcd_->Kill(1);
  etcd_->Kill(2);
  // The watch ends, because its member has no leader.
  EXPECT_TRUE(absl::IsUnavailable(watch.End()));
  const Stopwatch stopwatch;
  const absl::Status put =
      client().Ask(&EtcdApi::Txn, PutOf("/k/a", "2"), absl::Seconds(3)).status();
  EXPECT_TRUE(absl::IsUnavailable(put) || absl::IsDeadlineExceeded(put)) << put;
  const absl::Status range =
      client().Ask(&EtcdApi::Range, RangeOf("/k/a"), absl::Seconds(3)).status();
  EXPECT_TRUE(absl::IsUnavailable(range)) << range;
  EXPECT_LT(stopwatch.elapsed(), kGivenUp);
  pb::RangeRequest old = RangeOf("/k/a");
  old.set_serializable(true);
  EXPECT_TRUE(client().Ask(&EtcdApi::Range, old).ok()) << "a member may answer for itself";

  etcd_->Restart(1);
  PutAtLast("/k/a", "3");
  EXPECT_EQ(client().Get("/k/a"), "3");
}

TEST_F(FailoverTest, AMemberThatLostItsDataComesBackAsANewOne) {
  // The worst one to lose.
  const size_t leader = etcd_->AwaitLeader();
  etcd_->RestartEmpty(leader);
  etcd_->AwaitHealthy();
  ApiClient other(etcd_->member(leader).endpoint());
  EXPECT_EQ(other.Get("/k/a"), "1");
}

}  // namespace
}  // namespace rollcall::integration
