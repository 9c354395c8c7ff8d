// Golden scenarios: what is committed, and the story that is told of it.
#include "server/history/history.h"

#include "server/history/trimmer.h"
#include "tests/unit/history/history_fixture.h"

namespace rollcall::history {
namespace {

using internal::v1::SESSION_STATE_ENDED;
using internal::v1::SESSION_STATE_LEAVING;
using internal::v1::SESSION_STATE_LIVE;
using internal::v1::SESSION_STATE_SUSPECT;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HistoryTest : public HistoryFixture {
 protected:
  // a1 and a2 come with session s1, one revision.
  void RegisterTwo() {
    Session("s1", SESSION_STATE_LIVE, {v1::CAUSE_REGISTERED});
    Instance(Name("a1"), "s1", {v1::CAUSE_REGISTERED});
    Instance(Name("a2"), "s1", {v1::CAUSE_REGISTERED});
    Commit();
  }
};

TEST_F(HistoryTest, AProcessThatDiesIsSuspectedAndExpires) {
  RegisterTwo();
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_STREAM_BROKEN, "node-1", "reset by peer"});
  Commit();
  Session("s1", SESSION_STATE_ENDED, {v1::CAUSE_EXPIRED, "node-1", "10 s without a beat"});
  Commit();
  Removed(Name("a1"), "s1", {v1::CAUSE_EXPIRED, "node-1", "10 s without a beat"});
  Removed(Name("a2"), "s1", {v1::CAUSE_EXPIRED, "node-1", "10 s without a beat"});
  Commit();
  EXPECT_EQ(Told(), R"(
1 +1m billing/a1 UNSPECIFIED>PASSING REGISTERED by client s1
1 +1m billing/a2 UNSPECIFIED>PASSING REGISTERED by client s1
2 +2m billing/a1 PASSING>SUSPECT STREAM_BROKEN by node-1 (reset by peer) s1
2 +2m billing/a2 PASSING>SUSPECT STREAM_BROKEN by node-1 (reset by peer) s1
4 +4m billing/a1 SUSPECT>UNSPECIFIED EXPIRED by node-1 (10 s without a beat) s1
4 +4m billing/a2 SUSPECT>UNSPECIFIED EXPIRED by node-1 (10 s without a beat) s1
)");
}

TEST_F(HistoryTest, ASuspectThatRenewsPassesAgainAndLeavesInOrder) {
  RegisterTwo();
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_BEAT_OVERDUE, "node-1"}).Commit();
  Session("s1", SESSION_STATE_LIVE, {v1::CAUSE_RENEWED, "node-1"}).Commit();
  Session("s1", SESSION_STATE_LEAVING, {v1::CAUSE_LEAVING}).Commit();
  Session("s1", SESSION_STATE_ENDED, {v1::CAUSE_DEREGISTERED});
  Removed(Name("a1"), "s1", {v1::CAUSE_DEREGISTERED});
  Commit();
  EXPECT_EQ(Told({"default", "billing", "a1"}), R"(
1 +1m billing/a1 UNSPECIFIED>PASSING REGISTERED by client s1
2 +2m billing/a1 PASSING>SUSPECT BEAT_OVERDUE by node-1 s1
3 +3m billing/a1 SUSPECT>PASSING RENEWED by node-1 s1
4 +4m billing/a1 PASSING>DRAINING LEAVING by client s1
5 +5m billing/a1 DRAINING>UNSPECIFIED DEREGISTERED by client s1
)");
}

TEST_F(HistoryTest, ANewProcessSupersedesTheOldAndTheOldSessionConcernsNobody) {
  RegisterTwo();
  Session("s2", SESSION_STATE_LIVE, {v1::CAUSE_REGISTERED, "new"});
  Instance(Name("a1"), "s2", {v1::CAUSE_SUPERSEDED, "new"}).Commit();
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_STREAM_BROKEN, "node-1"}).Commit();
  EXPECT_EQ(Told(Scope{"default", "billing", "a1"}), R"(
1 +1m billing/a1 UNSPECIFIED>PASSING REGISTERED by client s1
2 +2m billing/a1 PASSING>PASSING SUPERSEDED by new s2
)");
}

TEST_F(HistoryTest, AnOverrideSpeaksFirstAndIsItsOwnChange) {
  RegisterTwo();
  Override(Name("a1"), v1::OVERRIDE_MODE_DRAINING, {v1::CAUSE_OVERRIDE_SET, "ann", "deploy"});
  Commit();
  // Under an override the session's troubles do not change the standing.
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_STREAM_BROKEN, "node-1"}).Commit();
  Override(Name("a1"), v1::OVERRIDE_MODE_DRAINING, {v1::CAUSE_OVERRIDE_CLEARED, "ann"}, true);
  Commit();
  Weight(Name("a1"), 5, {v1::CAUSE_OVERRIDE_SET, "ann"}).Commit();
  EXPECT_EQ(Told({"default", "billing", "a1"}), R"(
1 +1m billing/a1 UNSPECIFIED>PASSING REGISTERED by client s1
2 +2m billing/a1 PASSING>DRAINING OVERRIDE_SET by ann (deploy) s1
4 +4m billing/a1 DRAINING>SUSPECT OVERRIDE_CLEARED by ann s1
5 +5m billing/a1 SUSPECT>SUSPECT OVERRIDE_SET by ann (weight 5) s1
)");
}

TEST_F(HistoryTest, TransactionsThatShareARevisionAreBothTold) {
  RegisterTwo();
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_STREAM_BROKEN, "node-1"});
  Override(Name("a1"), v1::OVERRIDE_MODE_OUT_OF_SERVICE, {v1::CAUSE_OVERRIDE_SET, "ann"});
  Commit();
  EXPECT_EQ(Told({"default", "billing", "a1"}, At(2)), R"(
2 +2m billing/a1 PASSING>SUSPECT STREAM_BROKEN by node-1 s1
2 +2m billing/a1 SUSPECT>OUT_OF_SERVICE OVERRIDE_SET by ann s1
)");
}

TEST_F(HistoryTest, AnOverrideBeforeTheRegistrationIsToldAsOverride) {
  Override(Name("a1"), v1::OVERRIDE_MODE_DRAINING, {v1::CAUSE_OVERRIDE_SET, "ann"}).Commit();
  RegisterTwo();
  EXPECT_EQ(Told({"default", "billing", "a1"}), R"(
1 +1m billing/a1 UNSPECIFIED>UNSPECIFIED OVERRIDE_SET by ann (DRAINING) [override]
2 +2m billing/a1 UNSPECIFIED>DRAINING REGISTERED by client s1
)");
}

TEST_F(HistoryTest, ContentThatChangesWithoutTheStandingIsAChange) {
  Instance(Name("a1"), "", {v1::CAUSE_REGISTERED}, true).Commit();
  Instance(Name("a1"), "", {v1::CAUSE_UPDATED}, true).Commit();
  Instance(Name("a1"), "", {v1::CAUSE_UPDATED}).Commit();
  EXPECT_EQ(Told(), R"(
1 +1m billing/a1 UNSPECIFIED>STARTING REGISTERED by client
2 +2m billing/a1 STARTING>STARTING UPDATED by client
3 +3m billing/a1 STARTING>PASSING UPDATED by client
)");
}

TEST_F(HistoryTest, PurgesAreNoChangesAndANewLifeBeginsAfresh) {
  RegisterTwo();
  Removed(Name("a1"), "s1", {v1::CAUSE_REMOVED, "ann"}).Commit();
  Purge(InstanceKeyOf(Name("a1"))).Commit();
  Instance(Name("a1"), "s1", {v1::CAUSE_REGISTERED}).Commit();
  EXPECT_EQ(Told({"default", "billing", "a1"}), R"(
1 +1m billing/a1 UNSPECIFIED>PASSING REGISTERED by client s1
2 +2m billing/a1 PASSING>UNSPECIFIED REMOVED by ann s1
4 +4m billing/a1 UNSPECIFIED>PASSING REGISTERED by client s1
)");
}

TEST_F(HistoryTest, AServiceSpecificationIsAChangeOfTheService) {
  Service({"default", "billing"}, {v1::CAUSE_SPEC_CHANGED, "ann"}).Commit();
  Service({"default", "billing-2"}, {v1::CAUSE_SPEC_CHANGED, "ann"}).Commit();
  EXPECT_EQ(Told(), R"(
1 +1m billing UNSPECIFIED>UNSPECIFIED SPEC_CHANGED by ann [service]
)");
  EXPECT_EQ(Told({"default", "billing", "a1"}), "\n");
}

TEST_F(HistoryTest, AScopeIsAnInstanceAServiceANamespaceOrAll) {
  Instance(Name("a1"), "", {v1::CAUSE_REGISTERED});
  Instance(Name("a1-b"), "", {v1::CAUSE_REGISTERED});
  Instance(Name("a1", "billing-2"), "", {v1::CAUSE_REGISTERED});
  Instance({{"other", "billing"}, "a1"}, "", {v1::CAUSE_REGISTERED});
  Commit();
  EXPECT_EQ(Page({"default", "billing", "a1"}).changes.size(), 1u);
  EXPECT_EQ(Page({"default", "billing", ""}).changes.size(), 2u);
  EXPECT_EQ(Page({"default", "", ""}).changes.size(), 3u);
  EXPECT_EQ(Page({"*", "", ""}).changes.size(), 4u);
  EXPECT_EQ(Page({"nobody", "", ""}).changes.size(), 0u);
}

TEST_F(HistoryTest, TheNewestChangesAreKeptWhenThereAreTooMany) {
  RegisterTwo();
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_BEAT_OVERDUE, "node-1"}).Commit();
  const ChangesPage page = Page({"default", "billing", ""}, absl::InfinitePast(), 3);
  EXPECT_TRUE(page.truncated);
  ASSERT_EQ(page.changes.size(), 3u);
  EXPECT_EQ(Line(page.changes[0]), "1 +1m billing/a2 UNSPECIFIED>PASSING REGISTERED by client s1");
  EXPECT_FALSE(Page({"default", "billing", ""}, absl::InfinitePast(), 4).truncated);
}

TEST_F(HistoryTest, SinceCountsFromTheMomentItself) {
  RegisterTwo();
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_BEAT_OVERDUE, "node-1"}).Commit();
  const Scope a1{"default", "billing", "a1"};
  EXPECT_EQ(Page(a1, At(1)).changes.size(), 2u);
  EXPECT_EQ(Page(a1, At(1) + absl::Nanoseconds(1)).changes.size(), 1u);
  EXPECT_EQ(Page(a1, At(2)).changes.size(), 1u);
  EXPECT_EQ(Page(a1, At(3)).changes.size(), 0u);
}

TEST_F(HistoryTest, AfterATrimTheRestIsToldWithRightBeginnings) {
  RegisterTwo();
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_BEAT_OVERDUE, "node-1"}).Commit();
  Session("s1", SESSION_STATE_LIVE, {v1::CAUSE_RENEWED, "node-1"}).Commit();
  TrimOlderThan(absl::Seconds(30));
  EXPECT_EQ(Told({"default", "billing", "a1"}), R"(
3 +3m billing/a1 SUSPECT>PASSING RENEWED by node-1 s1
)");
  EXPECT_EQ(Page({"default", "billing", ""}).kept_since, At(2));
}

TEST_F(HistoryTest, InstancesStandAsTheyStoodAtATime) {
  RegisterTwo();  // +1m
  Override(Name("a1"), v1::OVERRIDE_MODE_DRAINING, {v1::CAUSE_OVERRIDE_SET, "ann"}).Commit();
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_STREAM_BROKEN, "node-1"}).Commit();  // +3m
  Weight(Name("a1"), 5, {v1::CAUSE_OVERRIDE_SET, "ann"}).Commit();                     // +4m
  Removed(Name("a2"), "s1", {v1::CAUSE_EXPIRED, "node-1"}).Commit();                   // +5m
  EXPECT_THAT(InstancesAt(At(0)), IsEmpty());
  EXPECT_THAT(InstancesAt(At(1)), ElementsAre("a1=PASSING*100@1", "a2=PASSING*100@1"));
  EXPECT_THAT(InstancesAt(At(2)), ElementsAre("a1=DRAINING*100@2", "a2=PASSING*100@1"));
  EXPECT_THAT(InstancesAt(At(3)), ElementsAre("a1=DRAINING*100@3", "a2=SUSPECT*100@3"));
  EXPECT_THAT(InstancesAt(At(4)), ElementsAre("a1=SUSPECT*5@4", "a2=SUSPECT*100@3"));
  EXPECT_THAT(InstancesAt(At(60)), ElementsAre("a1=SUSPECT*5@4"));
}

TEST_F(HistoryTest, AnInstanceOfThePastCarriesAllThatALiveOneDoes) {
  RegisterTwo();
  Session("s1", SESSION_STATE_SUSPECT, {v1::CAUSE_STREAM_BROKEN, "node-1", "reset"}).Commit();
  const auto past = history_->InstancesAt({"default", "billing", "a1"}, At(2));
  ASSERT_TRUE(past.ok()) << past.status();
  EXPECT_EQ(past->revision, Revision(2));
  ASSERT_EQ(past->instances.size(), 1u);
  const v1::Instance& instance = past->instances[0];
  EXPECT_EQ(instance.spec().service(), "billing");
  EXPECT_EQ(instance.lease_epoch(), 7u);
  EXPECT_EQ(instance.create_revision(), 1u);
  EXPECT_EQ(instance.last_change().cause(), v1::CAUSE_STREAM_BROKEN);
  EXPECT_EQ(instance.last_change().evidence(), "reset");
  EXPECT_EQ(instance.last_change().session_id(), "s1");
}

TEST_F(HistoryTest, AnInstanceWhoseSessionIsGoneIsSuspect) {
  RegisterTwo();
  Purge(SessionKeyOf(SessionId("s1"))).Commit();
  EXPECT_THAT(InstancesAt(At(2)), ElementsAre("a1=SUSPECT*100@1", "a2=SUSPECT*100@1"));
}

TEST_F(HistoryTest, BeforeTheBeginningNothingIsKnown) {
  RegisterTwo();
  Weight(Name("a1"), 5, {v1::CAUSE_OVERRIDE_SET, "ann"}).Commit();
  TrimOlderThan(absl::Seconds(30));
  EXPECT_THAT(InstancesAt(At(1)), ElementsAre("a1=PASSING*100@1", "a2=PASSING*100@1"));
  EXPECT_THAT(InstancesAt(At(1) - absl::Nanoseconds(1)), ElementsAre("OUT_OF_RANGE"));
}

TEST_F(HistoryTest, TheTrimmerDropsWhatIsTooOldInItsTime) {
  std::vector<uint64_t> dropped;
  Trimmer trimmer(store_->version_log(), {absl::Minutes(10), uint64_t{1} << 30}, absl::Minutes(5),
                  executor_, clock_,
                  [&](const absl::StatusOr<uint64_t>& count) { dropped.push_back(*count); });
  RegisterTwo();
  executor_.AdvanceBy(absl::Minutes(20));
  EXPECT_THAT(dropped, ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(InstancesAt(clock_.Wall()), ElementsAre("a1=PASSING*100@1", "a2=PASSING*100@1"));
}

}  // namespace
}  // namespace rollcall::history
