// A network that fails on the way to etcd: what was sent may have been carried out or not.
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/etcd/api_client.h"
#include "tests/integration/support/etcd_test.h"
#include "tests/integration/support/tcp_relay.h"

namespace rollcall::integration {
namespace {

class RelayTest : public EtcdTest {
 protected:
  void SetUp() override {
    EtcdTest::SetUp();
    if (IsSkipped()) return;
    etcd_ = std::make_unique<EtcdCluster>();
    relay_ = std::make_unique<TcpRelay>(etcd_->member(0).port());
    direct_ = std::make_unique<ApiClient>(etcd_->endpoints());
    client_ = std::make_unique<ApiClient>(OptionsFor(relay_->endpoint()));
    direct_->Put("/k/a", "1");
    EXPECT_EQ(client_->Get("/k/a"), "1");
  }

  std::unique_ptr<EtcdCluster> etcd_;
  std::unique_ptr<TcpRelay> relay_;
  std::unique_ptr<ApiClient> direct_;
  std::unique_ptr<ApiClient> client_;
};

TEST_F(RelayTest, CutAfterSendingIsUnknownAndSentOnce) {
  relay_->Drop(TcpRelay::kToClient);
  const auto put = client_->AskLater(&EtcdApi::Txn, PutOf("/k/a", "2"));
  EXPECT_TRUE(Eventually([&] { return direct_->Get("/k/a") == "2"; }));
  relay_->Cut();
  EXPECT_TRUE(absl::IsUnavailable(ApiClient::Await(put).status()));
  relay_->Heal();
  EXPECT_EQ(client_->Get("/k/a"), "2");
  const auto found = direct_->Ask(&EtcdApi::Range, RangeOf("/k/a"));
  EXPECT_EQ(found->kvs(0).version(), 2) << "it was carried out more than once";
}

TEST_F(RelayTest, AWriteThatFindsNoConnectionWaitsForOneAndIsSentThen) {
  relay_->Refuse();
  const auto put = client_->AskLater(&EtcdApi::Txn, PutOf("/k/a", "2"));
  // The connection is gone for sure when a read has failed.
  EXPECT_FALSE(client_->Ask(&EtcdApi::Range, RangeOf("/k/a"), absl::Milliseconds(300)).ok());
  const auto late = client_->AskLater(&EtcdApi::Txn, PutOf("/k/b", "2"));
  relay_->Heal();
  EXPECT_TRUE(ApiClient::Await(late).ok());
  const absl::Status first = ApiClient::Await(put).status();
  EXPECT_TRUE(first.ok() || absl::IsUnavailable(first)) << first;
}

TEST_F(RelayTest, ASilentNetworkIsGivenUpAndFoundAgain) {
  WatchUnderTest watch(*client_, WatchOf("/k/"));
  EXPECT_TRUE(watch.Next().created());
  const int before = relay_->accepted();
  relay_->Drop();
  const Stopwatch stopwatch;
  EXPECT_TRUE(absl::IsUnavailable(watch.End()));
  EXPECT_LT(stopwatch.elapsed(), absl::Seconds(20));
  const auto read = client_->AskLater(&EtcdApi::Range, RangeOf("/k/a"));
  relay_->Heal();
  EXPECT_TRUE(ApiClient::Await(read).ok());
  EXPECT_GT(relay_->accepted(), before);
}

TEST_F(RelayTest, ADelayIsNoFailure) {
  relay_->Delay(absl::Milliseconds(300));
  const Stopwatch stopwatch;
  EXPECT_EQ(client_->Get("/k/a"), "1");
  EXPECT_GE(stopwatch.elapsed(), absl::Milliseconds(590));
  WatchUnderTest watch(*client_, WatchOf("/k/"));
  EXPECT_TRUE(watch.Next().created());
  direct_->Put("/k/b", "1");
  EXPECT_EQ(watch.Next().events(0).kv().key(), "/k/b");
  EXPECT_FALSE(watch.ends.Take(absl::Seconds(5))) << "a slow network was taken for a dead one";
}

// The answers wait at the relay, the owner takes none: the reader stops, and goes on later.
TEST_F(RelayTest, AnOwnerThatIsBehindHoldsUpTheStreamAndLosesNothing) {
  WatchUnderTest watch(*client_, WatchOf("/k/"));
  EXPECT_TRUE(watch.Next().created());
  constexpr int kChanges = 200;
  client_->Run([&] {
    for (int i = 0; i < kChanges; ++i) direct_->Put("/k/b", std::to_string(i));
  });
  int seen = 0;
  while (seen < kChanges) {
    const pb::WatchResponse response = watch.Next();
    for (const pb::Event& event : response.events()) {
      EXPECT_EQ(event.kv().value(), std::to_string(seen++));
    }
  }
}

}  // namespace
}  // namespace rollcall::integration
