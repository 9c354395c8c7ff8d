// EtcdStore against real members: that etcd keeps the promises that the store is built on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tests/integration/etcd_store/store_client.h"
#include "tests/integration/support/etcd_test.h"

namespace rollcall::integration {
namespace {

using ::testing::SizeIs;

class EtcdStoreTest : public EtcdTest {
 protected:
  static std::vector<store::Transaction> Puts(int first, int count, size_t bytes = 300) {
    std::vector<store::Transaction> group;
    for (int i = first; i < first + count; ++i) {
      group.push_back(PutAt(absl::StrCat("s/", i), std::string(bytes, 'x')));
    }
    return group;
  }
  static bool Holds(const store::Outcome& outcome) {
    return std::holds_alternative<store::Committed>(outcome);
  }
  static bool RefusedForSpace(const store::Outcome& outcome) {
    const auto* refused = std::get_if<store::Refused>(&outcome);
    return refused != nullptr && absl::IsResourceExhausted(refused->why);
  }
  // What an operator does.
  static void MakeSpace(const EtcdProcess& member, StoreClient& client) {
    const auto encoded = [](const std::string& key) { return absl::Base64Escape(key); };
    member.Admin("/v3/kv/deleterange",
                 absl::StrCat(R"({"key":")", encoded("/rollcall/s/"), R"(","range_end":")",
                              encoded("/rollcall/s0"), R"("})"));
    const auto now = client.Barrier();
    ASSERT_TRUE(now.ok()) << now.status();
    member.Admin("/v3/kv/compaction",
                 absl::StrCat(R"({"revision":")", now->value(), R"(","physical":true})"));
    member.Admin("/v3/maintenance/defragment", "{}");
    const auto alarms =
        nlohmann::json::parse(member.Admin("/v3/maintenance/alarm", R"({"action":"GET"})"));
    for (nlohmann::json alarm : alarms.at("alarms")) {
      alarm["action"] = "DEACTIVATE";
      member.Admin("/v3/maintenance/alarm", alarm.dump());
    }
  }
  static void ExpectCatchesUp(const StoreClient& client, size_t records) {
    EXPECT_TRUE(Eventually([&] {
      return client.follower().caught_up() && client.follower().state().size() == records;
    })) << client.follower().state().size();
  }
};

TEST_F(EtcdStoreTest, GroupsGuardsVersionsAndBarriers) {
  if (IsSkipped()) return;
  EtcdCluster etcd;
  StoreClient client(etcd.endpoints());
  client.Follow();
  for (const auto& outcome : client.Commit(Puts(0, 250))) EXPECT_TRUE(Holds(outcome));
  ExpectCatchesUp(client, 250);

  // Fifty-one operations each: more than a hundred of them may have together.
  std::vector<store::Transaction> wide(100);
  for (size_t i = 0; i < wide.size(); ++i) {
    for (int j = 0; j < 51; ++j) {
      const std::string key = absl::StrCat("i/", i, "/", j);
      wide[i].guards.push_back({key, Revision(0)});
      wide[i].puts.push_back({key, "x"});
    }
  }
  for (const auto& outcome : client.Commit(wide)) EXPECT_TRUE(Holds(outcome));

  const auto lost = client.Commit({PutAt("s/1", "2"), PutAt("s/new", "1")});
  const auto* failed = std::get_if<store::GuardFailed>(&lost[0]);
  ASSERT_NE(failed, nullptr);
  ASSERT_TRUE(failed->current);
  EXPECT_TRUE(Holds(lost[1]));
  const auto won = client.Commit({PutAt("s/1", "2", failed->current->revision.value())});
  ASSERT_TRUE(Holds(won[0]));
  const auto versions = client.Versions("s/1");
  ASSERT_TRUE(versions.ok()) << versions.status();
  ASSERT_THAT(*versions, SizeIs(2));
  EXPECT_EQ((*versions)[1].value, "2");

  const auto barrier = client.Barrier();
  ASSERT_TRUE(barrier.ok()) << barrier.status();
  EXPECT_GE(*barrier, std::get<store::Committed>(won[0]).revision);
  EXPECT_TRUE(Eventually([&] { return client.follower().told() >= *barrier; }));
  EXPECT_TRUE(Eventually([&] { return client.store().age() < absl::Seconds(1); }));
}

TEST_F(EtcdStoreTest, ALoadAndALongAbsenceAreToldWhole) {
  if (IsSkipped()) return;
  EtcdCluster etcd;
  StoreClient writer(etcd.endpoints());
  for (int i = 0; i < 50; ++i) writer.Commit(Puts(i * 100, 100, 900));
  StoreClient fresh(etcd.endpoints());
  fresh.Follow();
  ExpectCatchesUp(fresh, 5000);
  // As one answer this would be over any limit of a message.
  StoreClient resumed(etcd.endpoints());
  resumed.Follow(Revision(2));
  ExpectCatchesUp(resumed, 5000);
  EXPECT_EQ(resumed.follower().snapshots(), 0);
  EXPECT_EQ(resumed.follower().state(), fresh.follower().state());
}

TEST_F(EtcdStoreTest, AFullEtcdRefusesAndRecoversAndBarriersGoOn) {
  if (IsSkipped()) return;
  EtcdOptions options;
  options.quota = 16 << 20;
  EtcdCluster etcd(options);
  StoreClient client(etcd.endpoints());
  client.Follow();
  bool refused = false;
  for (int i = 0; i < 500 && !refused; ++i) {
    for (const auto& outcome : client.Commit(Puts(i * 20, 20, 10000))) {
      refused = refused || RefusedForSpace(outcome);
    }
  }
  ASSERT_TRUE(refused);
  EXPECT_TRUE(RefusedForSpace(client.Commit({PutAt("s/more", "x")})[0]));
  EXPECT_TRUE(client.Barrier().ok());
  // What deletes passes.
  const auto versions = client.Versions("s/0");
  ASSERT_TRUE(versions.ok() && !versions->empty());
  const Revision at = versions->back().revision;
  EXPECT_TRUE(Holds(client.Commit({{{{"s/0", at}}, {}, {"s/0"}}})[0]));
  MakeSpace(etcd.member(0), client);
  EXPECT_TRUE(Holds(client.Commit({PutAt("s/more", "x")})[0]));
  ExpectCatchesUp(client, 1);
}

TEST_F(EtcdStoreTest, WhatIsAcknowledgedSurvivesTheEndOfTheMemberInUse) {
  if (IsSkipped()) return;
  EtcdOptions options;
  options.members = 3;
  EtcdCluster etcd(options);
  StoreClient client(etcd.endpoints(), StoreClient::kAsProduct);
  client.Follow();
  EXPECT_TRUE(Holds(client.Settle(Puts(0, 1))[0]));
  etcd.Kill(0);
  for (int i = 1; i < 50; ++i) {
    // An outcome that was unknown may turn out to be ours.
    EXPECT_FALSE(std::holds_alternative<store::Refused>(client.Settle(Puts(i, 1))[0]));
  }
  ExpectCatchesUp(client, 50);
  etcd.Restart(0);
  etcd.Kill(1);
  for (int i = 50; i < 100; ++i) client.Settle(Puts(i, 1));
  ExpectCatchesUp(client, 100);
  EXPECT_EQ(client.follower().snapshots(), 1);
  EXPECT_TRUE(Eventually([&] { return client.store().age() < absl::Seconds(1); }));
}

}  // namespace
}  // namespace rollcall::integration
