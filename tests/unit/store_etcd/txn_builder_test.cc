// How groups are cut into Txns, and what the answers mean.
#include "server/store/etcd/txn_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/store/etcd/outcomes.h"
#include "server/store/etcd/watch_health.h"
#include "tests/unit/store_etcd/etcd_store_fixture.h"

namespace rollcall::etcd {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// A transaction with so many puts, all guarded.
store::Transaction Wide(const std::string& key, size_t puts, size_t bytes = 1) {
  store::Transaction wide;
  for (size_t i = 0; i < puts; ++i) {
    const std::string name = absl::StrCat(key, "/", i);
    wide.guards.push_back({name, Revision(0)});
    wide.puts.push_back({name, std::string(bytes, 'x')});
  }
  return wide;
}

std::vector<size_t> SizesOf(const std::vector<store::Transaction>& group,
                            const TxnLimits& limits = {}) {
  std::vector<size_t> sizes;
  for (const auto& part : SplitGroup(group, limits)) sizes.push_back(part.size());
  return sizes;
}

TEST(SplitGroupTest, AGroupWithinTheLimitsIsOneTxn) {
  EXPECT_THAT(SizesOf({100, PutAt("a", "1", 0)}), ElementsAre(100));
  EXPECT_THAT(SizesOf({}), ElementsAre());
}

TEST(SplitGroupTest, NoTxnHasMoreMembersOrBytesThanAllowed) {
  EXPECT_THAT(SizesOf({250, PutAt("a", "1", 0)}), ElementsAre(100, 100, 50));
  EXPECT_THAT(SizesOf({10, Wide("a", 1, 300 << 10)}), ElementsAre(3, 3, 3, 1));
  EXPECT_THAT(SizesOf({Wide("a", 1, 2 << 20), PutAt("b", "1", 0)}), ElementsAre(1, 1));
}

TEST(SplitGroupTest, WhatTheOuterListUsesIsNotLeftToTheNestedTxns) {
  // 77 members and 51 operations are 128.
  EXPECT_THAT(SizesOf({100, Wide("a", 51)}), ElementsAre(77, 23));
  EXPECT_THAT(SizesOf({3, Wide("a", 127)}), ElementsAre(1, 1, 1));
}

TEST(SplitGroupTest, WhatOnlyDeletesIsKeptApart) {
  const std::vector<store::Transaction> group = {DeleteAt("a", 3), PutAt("b", "1", 0),
                                                 DeleteAt("c", 3)};
  EXPECT_THAT(SplitGroup(group, {}), ElementsAre(ElementsAre(1), ElementsAre(0, 2)));
}

TEST(BuildTxnTest, AMemberIsANestedTxnThatReadsWhatItLostAgainst) {
  const KeyPrefix prefix("/p/");
  store::Transaction member = PutAt("a", "1", 4);
  member.guards.push_back({"b", Revision(0)});
  member.deletes = {"d"};
  const std::vector<store::Transaction> members = {member};
  const pb::TxnRequest txn = BuildTxn(prefix, members);
  ASSERT_THAT(txn.success(), SizeIs(1));
  const pb::TxnRequest& nested = txn.success(0).request_txn();
  ASSERT_THAT(nested.compare(), SizeIs(2));
  EXPECT_EQ(nested.compare(0).key(), "/p/a");
  EXPECT_EQ(nested.compare(0).target(), pb::Compare::MOD);
  EXPECT_EQ(nested.compare(0).mod_revision(), 4);
  EXPECT_EQ(nested.compare(1).mod_revision(), 0);
  ASSERT_THAT(nested.success(), SizeIs(2));
  EXPECT_EQ(nested.success(0).request_put().key(), "/p/a");
  EXPECT_EQ(nested.success(1).request_delete_range().key(), "/p/d");
  EXPECT_EQ(nested.success(1).request_delete_range().range_end(), "");
  ASSERT_THAT(nested.failure(), SizeIs(2));
  EXPECT_EQ(nested.failure(1).request_range().key(), "/p/b");
}

TEST(OutcomesTest, TheFirstGuardThatDoesNotStandIsNamedWithWhatStandsThere) {
  const KeyPrefix prefix("/p/");
  store::Transaction member = PutAt("a", "1", 4);
  member.guards.push_back({"b", Revision(0)});
  pb::TxnResponse response;
  pb::TxnResponse& nested = *response.add_responses()->mutable_response_txn();
  const auto add = [&](const std::string& key, int64_t revision) {
    pb::KeyValue& kv = *nested.add_responses()->mutable_response_range()->add_kvs();
    kv.set_key("/p/" + key);
    kv.set_value("v");
    kv.set_mod_revision(revision);
  };
  add("a", 4);
  add("b", 7);
  const std::vector<store::Transaction> members = {member};
  const auto outcomes = OutcomesOf(prefix, members, response);
  ASSERT_THAT(outcomes, SizeIs(1));
  EXPECT_EQ(Word(outcomes[0]), "failed b@7=v");
}

TEST(OutcomesTest, AnAnswerThatDoesNotFitLeavesEverythingUnknown) {
  const KeyPrefix prefix("/p/");
  const std::vector<store::Transaction> members = {PutAt("a", "1", 0), PutAt("b", "1", 0)};
  for (const auto& outcome : OutcomesOf(prefix, members, {})) EXPECT_EQ(Word(outcome), "unknown");
}

TEST(OutcomesTest, WhatStandsUnderAKeyThatWasNotAskedForLeavesItUnknown) {
  const KeyPrefix prefix("/p/");
  const std::vector<store::Transaction> members = {PutAt("a", "1", 4)};
  pb::TxnResponse response;
  pb::TxnResponse& nested = *response.add_responses()->mutable_response_txn();
  pb::KeyValue& kv = *nested.add_responses()->mutable_response_range()->add_kvs();
  kv.set_mod_revision(7);
  for (const char* key : {"/other/a", "", "/p/b"}) {
    kv.set_key(key);
    EXPECT_EQ(Word(OutcomesOf(prefix, members, response)[0]), "unknown") << key;
  }
}

TEST(OutcomesTest, ErrorsMeanWhatTheyMean) {
  using enum absl::StatusCode;
  const struct {
    absl::Status error;
    Failing failing;
  } kTable[] = {
      {absl::UnavailableError("etcdserver: leader changed"), Failing::kUnknown},
      {absl::UnavailableError("etcdserver: request timed out"), Failing::kUnknown},
      {absl::DeadlineExceededError("Deadline Exceeded"), Failing::kUnknown},
      {absl::CancelledError(""), Failing::kUnknown},
      {absl::UnknownError(""), Failing::kUnknown},
      {absl::InternalError(""), Failing::kUnknown},
      {absl::ResourceExhaustedError("etcdserver: too many requests"), Failing::kUnknown},
      {absl::ResourceExhaustedError("etcdserver: mvcc: database space exceeded"),
       Failing::kNoSpace},
      {absl::InvalidArgumentError("etcdserver: request is too large"), Failing::kTooMuch},
      {absl::InvalidArgumentError("etcdserver: revision of auth store is old"), Failing::kUnknown},
      {absl::PermissionDeniedError("etcdserver: permission denied"), Failing::kRefused},
      {absl::UnauthenticatedError("etcdserver: invalid auth token"), Failing::kRefused},
  };
  for (const auto& row : kTable) EXPECT_EQ(FailingOf(row.error), row.failing) << row.error;
  EXPECT_EQ(RefusalOf(absl::PermissionDeniedError("no")).code(), kUnavailable);
  EXPECT_EQ(RefusalOf(absl::InvalidArgumentError("no")).code(), kInvalidArgument);
}

TEST(KeyPrefixTest, KeysUnderAPrefixAreNotThoseOfALongerName) {
  const KeyPrefix prefix("/roll");
  EXPECT_EQ(prefix.Full("s/1"), "/roll/s/1");
  EXPECT_EQ(prefix.Plain("/roll/s/1"), "s/1");
  const KeyPrefix::Span all = prefix.Under("");
  EXPECT_LT(all.begin, std::string("/roll/a"));
  EXPECT_LT(std::string("/roll/\xfe"), all.end);
  EXPECT_LT(all.end, std::string("/rollcall/a"));
}

TEST(WatchHealthTest, AWatchThatOwesNothingIsNeverGivenUp) {
  WatchHealth health;
  const base::Instant now;
  EXPECT_EQ(health.GiveUpAt(true, now), std::nullopt);
  health.Told(Revision(5));
  health.Expect(Revision(5), now);
  EXPECT_EQ(health.GiveUpAt(true, now), std::nullopt);
  health.Expect(Revision(6), now);
  health.Told(Revision(6));
  EXPECT_EQ(health.GiveUpAt(true, now), std::nullopt);
}

TEST(WatchHealthTest, AWatchThatOwesIsGivenUpWhenNothingComesForAWhile) {
  WatchHealth health;
  const base::Instant begin;
  EXPECT_EQ(health.GiveUpAt(false, begin), begin + WatchHealth::kPatience);
  const base::Instant written = begin + absl::Seconds(10);
  health.Expect(Revision(6), written);
  EXPECT_EQ(health.GiveUpAt(true, begin), written + WatchHealth::kPatience);
  const base::Instant heard = written + absl::Seconds(3);
  EXPECT_EQ(health.GiveUpAt(true, heard), heard + WatchHealth::kPatience);
}

TEST(WatchHealthTest, ARevisionThatMayBeAnothersNeedsABarrierAfterAWhile) {
  WatchHealth health;
  const base::Instant begin;
  EXPECT_FALSE(health.Suspects(Revision(6), begin));
  EXPECT_FALSE(health.Suspects(Revision(7), begin + absl::Seconds(4)));
  EXPECT_TRUE(health.Suspects(Revision(7), begin + absl::Seconds(5)));
  EXPECT_FALSE(health.Suspects(Revision(7), begin + absl::Seconds(6)));
  health.Told(Revision(7));
  EXPECT_FALSE(health.Suspects(Revision(7), begin + absl::Seconds(20)));
}

}  // namespace
}  // namespace rollcall::etcd
