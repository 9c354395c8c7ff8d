// The API against one member: what each call does and what it answers.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/etcd/api_client.h"
#include "tests/integration/support/etcd_test.h"

namespace rollcall::integration {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

class OneMemberTest : public EtcdTest {
 protected:
  void SetUp() override {
    EtcdTest::SetUp();
    if (IsSkipped()) return;
    etcd_ = std::make_unique<EtcdCluster>();
    client_ = std::make_unique<ApiClient>(etcd_->endpoints());
  }
  ApiClient& client() { return *client_; }

  std::unique_ptr<EtcdCluster> etcd_;
  std::unique_ptr<ApiClient> client_;
};

TEST_F(OneMemberTest, WhatIsPutIsRead) {
  const int64_t revision = client().Put("/k/a", "1");
  client().Put("/k/b", "2");
  const auto found = client().Ask(&EtcdApi::Range, RangeOf("/k/", "/k0"));
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->kvs_size(), 2);
  EXPECT_EQ(found->kvs(0).key(), "/k/a");
  EXPECT_EQ(found->kvs(0).mod_revision(), revision);
  EXPECT_EQ(found->kvs(1).value(), "2");
}

TEST_F(OneMemberTest, NestedTransactionsSucceedAndFailEachOnItsOwn) {
  const int64_t revision = client().Put("/k/a", "old");
  pb::TxnRequest group;
  *group.add_success()->mutable_request_txn() = GuardedPutOf("/k/a", "new", revision);
  *group.add_success()->mutable_request_txn() = GuardedPutOf("/k/b", "new", 7);
  *group.add_success()->mutable_request_txn() = GuardedPutOf("/k/c", "new", 0);
  const auto answer = client().Ask(&EtcdApi::Txn, group);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_TRUE(answer->succeeded());
  ASSERT_EQ(answer->responses_size(), 3);
  EXPECT_TRUE(answer->responses(0).response_txn().succeeded());
  EXPECT_FALSE(answer->responses(1).response_txn().succeeded());
  EXPECT_EQ(answer->responses(1).response_txn().responses(0).response_range().kvs_size(), 0);
  EXPECT_TRUE(answer->responses(2).response_txn().succeeded());
  EXPECT_EQ(client().Get("/k/a"), "new");
  EXPECT_EQ(client().Get("/k/b"), "");
}

TEST_F(OneMemberTest, AFailedGuardAnswersWithWhatIsThere) {
  const int64_t revision = client().Put("/k/a", "theirs");
  const auto answer = client().Ask(&EtcdApi::Txn, GuardedPutOf("/k/a", "ours", 0));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_FALSE(answer->succeeded());
  const pb::KeyValue& there = answer->responses(0).response_range().kvs(0);
  EXPECT_EQ(there.mod_revision(), revision);
  EXPECT_EQ(there.value(), "theirs");
}

TEST_F(OneMemberTest, RefusalsAreGivenAsEtcdGaveThem) {
  pb::TxnRequest twice = PutOf("/k/a", "1");
  *twice.add_success() = twice.success(0);
  const auto duplicate = client().Ask(&EtcdApi::Txn, twice);
  EXPECT_TRUE(absl::IsInvalidArgument(duplicate.status()));
  EXPECT_EQ(duplicate.status().message(), "etcdserver: duplicate key given in txn request");

  pb::RangeRequest future = RangeOf("/k/a");
  future.set_revision(1000);
  EXPECT_TRUE(absl::IsOutOfRange(client().Ask(&EtcdApi::Range, future).status()));
}

TEST_F(OneMemberTest, AWatchHearsWhatHappens) {
  WatchUnderTest watch(client(), WatchOf("/k/"));
  EXPECT_TRUE(watch.Next().created());
  const int64_t revision = client().Put("/k/a", "1");
  client().Put("/other", "1");
  pb::WatchResponse response = watch.Next();
  ASSERT_EQ(response.events_size(), 1);
  EXPECT_EQ(response.events(0).kv().key(), "/k/a");
  EXPECT_EQ(response.events(0).kv().mod_revision(), revision);

  pb::TxnRequest removal;
  removal.add_success()->mutable_request_delete_range()->set_key("/k/a");
  ASSERT_TRUE(client().Ask(&EtcdApi::Txn, removal).ok());
  response = watch.Next();
  EXPECT_EQ(response.events(0).type(), pb::Event::DELETE);
}

TEST_F(OneMemberTest, AWatchThatIsDestroyedHearsNoMore) {
  {
    WatchUnderTest watch(client(), WatchOf("/k/"));
    EXPECT_TRUE(watch.Next().created());
  }
  client().Put("/k/a", "1");
  WatchUnderTest other(client(), WatchOf("/k/"));
  EXPECT_TRUE(other.Next().created());
  // The stream is closed at the other end, too.
  const EtcdProcess& member = etcd_->member(0);
  EXPECT_TRUE(
      Eventually([&] { return member.Metric("etcd_debugging_mvcc_watch_stream_total") == 1; }));
}

TEST_F(OneMemberTest, ACompactedStartIsSaid) {
  client().Put("/k/a", "1");
  const int64_t second = client().Put("/k/a", "2");
  const int64_t third = client().Put("/k/a", "3");
  pb::CompactionRequest compaction;
  compaction.set_revision(third);
  compaction.set_physical(true);
  ASSERT_TRUE(client().Ask(&EtcdApi::Compact, compaction).ok());

  WatchUnderTest watch(client(), WatchOf("/k/", second));
  pb::WatchResponse response = watch.Next();
  if (!response.canceled()) response = watch.Next();
  EXPECT_TRUE(response.canceled());
  EXPECT_EQ(response.compact_revision(), third);

  pb::RangeRequest past = RangeOf("/k/a");
  past.set_revision(second);
  const absl::Status refusal = client().Ask(&EtcdApi::Range, past).status();
  EXPECT_TRUE(absl::IsOutOfRange(refusal)) << refusal;
}

// 300 revisions of 100 puts: some 10 MB, more than one message may hold.
TEST_F(OneMemberTest, ALargeCatchUpComesInFragmentsAndWhole) {
  constexpr int kRevisions = 300;
  constexpr int kKeys = 100;
  const int64_t start = client().Put("/k/start", "");
  const std::string value(300, 'x');
  for (int revision = 0; revision < kRevisions; ++revision) {
    pb::TxnRequest group;
    for (int key = 0; key < kKeys; ++key) {
      group.MergeFrom(PutOf("/k/" + std::to_string(key), value));
    }
    ASSERT_TRUE(client().Ask(&EtcdApi::Txn, group).ok());
  }
  WatchUnderTest watch(client(), WatchOf("/k/", start + 1));
  EXPECT_TRUE(watch.Next().created());
  int events = 0;
  int fragments = 0;
  int64_t last = start;
  while (events < kRevisions * kKeys) {
    const pb::WatchResponse response = watch.Next();
    fragments += response.fragment() ? 1 : 0;
    for (const pb::Event& event : response.events()) {
      ASSERT_GE(event.kv().mod_revision(), last);
      last = event.kv().mod_revision();
      ++events;
    }
  }
  EXPECT_EQ(last, start + kRevisions);
  EXPECT_GT(fragments, 0);
}

TEST_F(OneMemberTest, ALeaseLivesWhileItIsRenewedAndThenItsKeysGo) {
  pb::LeaseGrantRequest grant;
  grant.set_ttl(4);
  const auto lease = client().Ask(&EtcdApi::LeaseGrant, grant);
  ASSERT_TRUE(lease.ok()) << lease.status();
  ASSERT_TRUE(client().Ask(&EtcdApi::Txn, PutOf("/k/leased", "1", lease->id())).ok());
  WatchUnderTest watch(client(), WatchOf("/k/"));
  EXPECT_TRUE(watch.Next().created());

  pb::LeaseKeepAliveRequest renewal;
  renewal.set_id(lease->id());
  const Stopwatch stopwatch;
  while (stopwatch.elapsed() < absl::Seconds(8)) {
    const auto renewed = client().Ask(&EtcdApi::LeaseKeepAlive, renewal);
    ASSERT_TRUE(renewed.ok()) << renewed.status();
    ASSERT_EQ(renewed->ttl(), 4);
    ASSERT_FALSE(watch.responses.Take(absl::Milliseconds(400))) << "expired while renewed";
  }
  const pb::WatchResponse gone = watch.Next();
  EXPECT_EQ(gone.events(0).type(), pb::Event::DELETE);
  const auto late = client().Ask(&EtcdApi::LeaseKeepAlive, renewal);
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ(late->ttl(), 0);
}

TEST_F(OneMemberTest, ARevokedLeaseIsGoneAtOnce) {
  pb::LeaseGrantRequest grant;
  grant.set_ttl(60);
  const auto lease = client().Ask(&EtcdApi::LeaseGrant, grant);
  ASSERT_TRUE(lease.ok()) << lease.status();
  ASSERT_TRUE(client().Ask(&EtcdApi::Txn, PutOf("/k/leased", "1", lease->id())).ok());
  pb::LeaseRevokeRequest revocation;
  revocation.set_id(lease->id());
  ASSERT_TRUE(client().Ask(&EtcdApi::LeaseRevoke, revocation).ok());
  EXPECT_EQ(client().Get("/k/leased"), "");
  EXPECT_TRUE(absl::IsNotFound(client().Ask(&EtcdApi::LeaseRevoke, revocation).status()));
}

TEST_F(OneMemberTest, StatusTellsVersionLeaderAndSize) {
  const auto members = client().Status();
  ASSERT_EQ(members.size(), 1);
  EXPECT_EQ(members[0].endpoint, etcd_->endpoints());
  ASSERT_TRUE(members[0].status.ok()) << members[0].status.status();
  EXPECT_THAT(members[0].status->version(), HasSubstr("3."));
  EXPECT_EQ(members[0].status->leader(), members[0].status->header().member_id());
  EXPECT_GT(members[0].status->dbsize(), 0);
}

TEST_F(OneMemberTest, WaitsForAMemberThatComesBackWithinTheTime) {
  client().Put("/k/a", "1");
  etcd_->Kill(0);
  const auto answer = client().AskLater(&EtcdApi::Range, RangeOf("/k/a"));
  const auto put = client().AskLater(&EtcdApi::Txn, GuardedPutOf("/k/b", "1", 0));
  etcd_->Restart(0);
  const auto found = ApiClient::Await(answer);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->kvs(0).value(), "1");
  // It was sent to the new process, or not at all.
  const auto result = ApiClient::Await(put);
  EXPECT_TRUE(result.ok() || absl::IsUnavailable(result.status())) << result.status();
}

TEST_F(OneMemberTest, SaysWhyNobodyCanBeReached) {
  client().Put("/k/a", "1");
  etcd_->Kill(0);
  const Stopwatch stopwatch;
  const absl::Status why =
      client().Ask(&EtcdApi::Range, RangeOf("/k/a"), absl::Seconds(3)).status();
  EXPECT_LT(stopwatch.elapsed(), absl::Seconds(20));
  EXPECT_TRUE(absl::IsUnavailable(why)) << why;
  EXPECT_THAT(std::string(why.message()), HasSubstr(etcd_->endpoints()));
  // Of an attempt that met the end of the process, or of a later one.
  EXPECT_THAT(std::string(why.message()),
              AnyOf(HasSubstr("refused"), HasSubstr("reset"), HasSubstr("Socket closed")));
}

TEST_F(OneMemberTest, TheEndIsQuickAndQuietWhateverIsUnderWay) {
  etcd_->Stop(0);
  WatchUnderTest* watch = new WatchUnderTest(client(), WatchOf("/k/"));
  const auto range = client().AskLater(&EtcdApi::Range, RangeOf("/k/a"));
  const auto put = client().AskLater(&EtcdApi::Txn, PutOf("/k/a", "1"));
  client().Run([] {});
  const Stopwatch stopwatch;
  client().Drop();
  EXPECT_LT(stopwatch.elapsed(), absl::Seconds(20));
  delete watch;
  EXPECT_FALSE(range->Take(absl::Milliseconds(100)));
  EXPECT_FALSE(put->Take(absl::ZeroDuration()));
  etcd_->Continue(0);
}

TEST_F(OneMemberTest, AFullDatabaseIsRefusedAndShownAsAnAlarm) {
  EtcdOptions small;
  small.quota = 4 << 20;
  EtcdCluster etcd(small);
  ApiClient client(etcd.endpoints());
  const std::string value(512 << 10, 'x');
  absl::Status refusal;
  for (int i = 0; i < 40 && refusal.ok(); ++i) {
    refusal = client.Ask(&EtcdApi::Txn, PutOf("/k/a", value)).status();
  }
  EXPECT_TRUE(absl::IsResourceExhausted(refusal)) << refusal;
  EXPECT_THAT(std::string(refusal.message()), HasSubstr("database space exceeded"));

  pb::AlarmRequest ask;
  const auto alarms = client.Ask(&EtcdApi::Alarm, ask);
  ASSERT_TRUE(alarms.ok()) << alarms.status();
  ASSERT_EQ(alarms->alarms_size(), 1);
  EXPECT_EQ(alarms->alarms(0).alarm(), pb::NOSPACE);
}

}  // namespace
}  // namespace rollcall::integration
