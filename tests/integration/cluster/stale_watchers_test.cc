// Watchers of nodes that cannot reach etcd: of one alone, and of all.
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "rollcall/client.h"
#include "tests/integration/cluster/cluster_test.h"
#include "tests/integration/support/raw_call.h"

namespace rollcall::integration {
namespace {

using ::testing::HasSubstr;

// A node notices within half its lease and a second, asks others for at most a second, and sends
// its watchers away within four; the rest is for a loaded machine.
constexpr absl::Duration kElsewhereWithin = absl::Seconds(30);

class StaleWatchersTest : public ClusterTest {
 protected:
  void Cut(size_t i) {
    for (const auto& relay : cluster().relays(i)) relay->Drop();
  }
  void Heal(size_t i) {
    for (const auto& relay : cluster().relays(i)) relay->Heal();
  }
  void RegisterAt(size_t i, const std::string& id) {
    v1::InstanceSpec spec = Spec("user", id);
    spec.set_lifetime(v1::LIFETIME_STATIC);
    v1::RegisterRequest request;
    *request.add_instances() = spec;
    Register(i, request);
  }
  std::unique_ptr<Client> NewClient() {
    ClientOptions options;
    for (size_t i = 0; i < cluster().size(); ++i) options.servers.push_back(node(i).address());
    options.client_name = "caller";
    options.log = [](LogLevel, const std::string& text) { std::cout << "sdk: " << text << "\n"; };
    auto client = Client::Create(options);
    if (!client.ok()) Fail(client.status().ToString());
    return *std::move(client);
  }
  uint64_t Watchers(size_t i) { return node(i).Status().watchers(); }
  // The node that has one watcher; throws if none has.
  size_t WhoHasTheWatcher() {
    size_t at = cluster().size();
    const bool found = Eventually([&] {
      for (size_t i = 0; i < cluster().size(); ++i) {
        if (Watchers(i) == 1) at = i;
      }
      return at < cluster().size();
    });
    if (!found) Fail("no node has a watcher");
    return at;
  }
  static std::unique_ptr<WatchStream> Subscribe(RawClient& client, bool accept_stale) {
    auto stream = OpenWatch(client);
    v1::WatchRequest request;
    request.mutable_subscribe()->set_id(1);
    request.mutable_subscribe()->set_service("user");
    request.mutable_subscribe()->set_accept_stale(accept_stale);
    stream->Send(request);
    return stream;
  }
  // What gRPC health says of all of a node: its answer's field `status`.
  static constexpr char kServing[] = "\x08\x01";
  static constexpr char kNotServing[] = "\x08\x02";
  std::string Health(size_t i) {
    return RawCall(node(i).Connect(), "/grpc.health.v1.Health/Check", "").bytes;
  }
  static bool CaughtUp(const v1::WatchResponse& message) { return message.caught_up(); }
};

TEST_F(StaleWatchersTest, OfANodeThatAloneIsCutOffAreServedByOthers) {
  Start({.nodes = 3, .relays = true});
  RegisterAt(0, "u1");
  const auto client = NewClient();
  auto users = client->Watch("user");
  ASSERT_TRUE(users.ok()) << users.status();
  ASSERT_TRUE(users->WaitForServing(1, kSoon).ok());
  const size_t cut = WhoHasTheWatcher();
  const size_t well = (cut + 1) % 3;
  const size_t also_well = (cut + 2) % 3;
  const auto raw = Subscribe(node(cut).client(), false);
  raw->Await("a view", CaughtUp);

  const Stopwatch since_cut;
  Cut(cut);
  RegisterAt(well, "u2");
  EXPECT_TRUE(users->WaitForServing(2, kElsewhereWithin).ok());
  std::cout << "measured: a change through another node after " << since_cut.elapsed() << "\n";
  const grpc::Status ended = raw->End(kElsewhereWithin);
  EXPECT_EQ(ended.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(ended.error_message(), HasSubstr("another node"));
  const auto answers = [&](size_t i, int expected) {
    return Eventually([&] { return node(i).readiness() == expected; });
  };
  EXPECT_TRUE(answers(cut, 503));
  EXPECT_TRUE(Eventually([&] { return Health(cut) == kNotServing; }));
  EXPECT_EQ(Health(well), kServing);
  EXPECT_TRUE(answers(well, 200));
  EXPECT_TRUE(answers(also_well, 200));
  EXPECT_EQ(Subscribe(node(cut).client(), false)->End().error_code(),
            grpc::StatusCode::UNAVAILABLE);
  // Who has no other is served what there is, and told how old it is.
  const auto stale = Subscribe(node(cut).client(), true);
  const v1::WatchResponse told = stale->Await("a view", CaughtUp);
  EXPECT_EQ(told.updated_size(), 1);
  EXPECT_GE(told.age().seconds(), 1);
  std::cout << "measured: all of it seen after " << since_cut.elapsed() << "\n";

  Heal(cut);
  ASSERT_TRUE(Eventually([&] { return node(cut).readiness() == 200; }));
  EXPECT_TRUE(Eventually([&] { return Health(cut) == kServing; }));
  // It reaches the store a moment before it takes watches again.
  EXPECT_TRUE(Eventually([&] {
    try {
      Subscribe(node(cut).client(), false)->Await("a view", [](const v1::WatchResponse& m) {
        return m.caught_up() && m.updated_size() == 2;
      });
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }));
  stale->Await("the change", [](const auto& m) { return m.updated_size() == 1; });
}

TEST_F(StaleWatchersTest, StayWhereTheyAreWhenAllNodesAreCutOff) {
  Start({.nodes = 3, .relays = true});
  RawClient own(node(0).Connect());
  Session session(own, Register(0, Registration({Spec("user", "u1")}, absl::Seconds(10))));
  const auto client = NewClient();
  auto users = client->Watch("user");
  ASSERT_TRUE(users.ok()) << users.status();
  ASSERT_TRUE(users->WaitForServing(1, kSoon).ok());
  const auto raw = Subscribe(node(0).client(), false);
  raw->Await("a view", CaughtUp);

  const Stopwatch since_cut;
  for (size_t i = 0; i < 3; ++i) Cut(i);
  // Several leases, and longer than the session would last.
  while (since_cut.elapsed() < absl::Seconds(15)) {
    session.Beat();
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(node(i).readiness(), 200);
    if (const auto sign = raw->Next(absl::Milliseconds(200))) {
      EXPECT_EQ(sign->updated_size() + sign->removed_size(), 0) << sign->ShortDebugString();
    }
  }
  const auto old = [](const v1::WatchResponse& message) {
    return message.caught_up() && message.age().seconds() >= 10;
  };
  raw->Await("a sign of life that says how old it is", old);
  EXPECT_FALSE(node(0).Status().store_reachable());
  const v1::WatchResponse told =
      Subscribe(node(0).client(), false)->Await("a view for who comes now", CaughtUp);
  EXPECT_EQ(told.updated_size(), 1);
  EXPECT_GE(told.age().seconds(), 10);
  EXPECT_EQ(users->view()->serving().size(), 1u);

  for (size_t i = 0; i < 3; ++i) Heal(i);
  ASSERT_TRUE(Eventually([&] {
    session.Beat();
    return node(0).Status().store_reachable() && node(1).Status().ready();
  }));
  RegisterAt(1, "u2");
  EXPECT_TRUE(users->WaitForServing(2, kSoon).ok());
  raw->Await("the change", [](const auto& m) { return m.updated_size() == 1; });
  session.Beat();
  EXPECT_EQ(users->view()->serving().size(), 2u);
}

}  // namespace
}  // namespace rollcall::integration
