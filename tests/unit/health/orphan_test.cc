// Sessions whose home is gone: who judges them, and when.
#include "tests/unit/health/home_fixture.h"

namespace rollcall::health {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using OrphanTest = HomeTest;

TEST_F(OrphanTest, AnOrphanIsSuspectAfterAThirdOfItsTtlAndGoesTenSecondsAfterIt) {
  Elsewhere("a");
  AdvanceBy(absl::Minutes(3));
  OtherNode(false);
  EXPECT_EQ(Counters().orphans, 1u);
  EXPECT_EQ(Counters().sessions, 0u);
  AdvanceBy(kTtl / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
  EXPECT_THAT(evidence_,
              AllOf(HasSubstr("node \"node-2\""), HasSubstr("went away"), HasSubstr("TTL of 9s")));
  AdvanceBy(kTtl * 2 / 3 + kGrace - 3 * kTick);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(3 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END a EXPIRED"));
  EXPECT_THAT(evidence_, AllOf(HasSubstr("node \"node-2\""), HasSubstr("not opened on another"),
                               HasSubstr("in the 19s since")));
  EXPECT_EQ(Counters().orphans, 0u);
}

TEST_F(OrphanTest, AnOrphanThatWasSuspectBeforeHasTheSameTime) {
  Elsewhere("a", internal::v1::SESSION_STATE_SUSPECT);
  OtherNode(false);
  AdvanceBy(kTtl + kGrace - kTick);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END a EXPIRED"));
}

TEST_F(OrphanTest, AnOrphanThatAnotherNodeTakesIsLeftToIt) {
  Elsewhere("a");
  OtherNode(false);
  registry_.set_present("node-3", true);
  registry_.Rehome(SessionId("a"), "node-3");
  EXPECT_EQ(Counters().orphans, 0u);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(OrphanTest, AnOrphanThatOpensHereIsAtHomeHereWithItsFullTtl) {
  const SessionId id = Elsewhere("a");
  OtherNode(false);
  AdvanceBy(kTtl / 3 - kTick);
  const auto client = Connect(id);
  EXPECT_TRUE(Opened(*client));
  EXPECT_THAT(TakeCommits(), ElementsAre("HOME a"));
  EXPECT_EQ(Counters().orphans, 0u);
  EXPECT_EQ(Counters().sessions, 1u);
  AdvanceBy(kTtl * 2 / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(kTtl / 3 + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE", "END a EXPIRED"))
      << "by the deadlines of a session at home";
}

TEST_F(OrphanTest, AnOrphanThatOpensWhileItIsBecomingSuspectIsLive) {
  const SessionId id = Elsewhere("a");
  OtherNode(false);
  registry_.set_store(FakeRegistry::Store::kSilent);
  AdvanceBy(kTtl / 3 + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
  const auto client = Connect(id);
  EXPECT_THAT(TakeCommits(), ElementsAre("HOME a"));
  registry_.set_store(FakeRegistry::Store::kWorks);
  registry_.Settle(absl::OkStatus());  // In that order, as the committer does.
  executor_.RunReady();
  EXPECT_TRUE(Opened(*client));
  EXPECT_EQ(StateOf(id), internal::v1::SESSION_STATE_LIVE);
  AdvanceBy(kTtl / 3);
  EXPECT_EQ(StateOf(id), internal::v1::SESSION_STATE_LIVE);
}

TEST_F(OrphanTest, ANodeThatComesBackHasItsSessionsBack) {
  Elsewhere("a");
  OtherNode(false);
  AdvanceBy(kTtl);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
  OtherNode(true);
  EXPECT_EQ(Counters().orphans, 0u);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(OrphanTest, WhoDoesNotSweepAdoptsNobody) {
  table_->SetSweeping(false);
  Elsewhere("a");
  OtherNode(false);
  AdvanceBy(absl::Minutes(5));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(Counters().orphans, 0u);
}

TEST_F(OrphanTest, WhoTakesTheOfficeBeginsTheTimeOfOrphansAnew) {
  table_->SetSweeping(false);
  Elsewhere("a");
  OtherNode(false);
  AdvanceBy(absl::Minutes(5));
  table_->SetSweeping(true);
  AdvanceBy(kTtl / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
}

TEST_F(OrphanTest, WhoLosesTheOfficeJudgesOrphansNoMore) {
  Elsewhere("a");
  OtherNode(false);
  Register("mine");
  table_->SetSweeping(false);
  EXPECT_EQ(Counters().orphans, 0u);
  EXPECT_EQ(Counters().sessions, 1u) << "its own stay";
  AdvanceBy(absl::Minutes(5));
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT mine BEAT_OVERDUE", "END mine EXPIRED"));
}

TEST_F(OrphanTest, AnOutageOfTheStoreBeginsTheTimeOfOrphansAnew) {
  Elsewhere("a");
  OtherNode(false);
  AdvanceBy(kTtl + kGrace - absl::Seconds(1));
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
  table_->SetStoreReachable(false);
  AdvanceBy(absl::Minutes(10));
  table_->SetStoreReachable(true);
  AdvanceBy(kTtl + kGrace - kTick);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(3 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END a EXPIRED"));
}

TEST_F(OrphanTest, WhileThisNodeMissesWhatHappensNoOrphanIsJudged) {
  Elsewhere("a");
  OtherNode(false);
  AdvanceBy(kTtl / 3 - kTick);
  table_->SetReady(false);
  AdvanceBy(absl::Minutes(10));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  // What it then hears: the client had found another node long ago.
  registry_.set_present("node-3", true);
  registry_.Rehome(SessionId("a"), "node-3");
  table_->SetReady(true);
  AdvanceBy(absl::Minutes(10));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(Counters().orphans, 0u);
}

TEST_F(OrphanTest, WhoHasCaughtUpAgainBeginsTheTimeOfOrphansAnew) {
  Elsewhere("a");
  OtherNode(false);
  AdvanceBy(kTtl + kGrace - absl::Seconds(1));
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
  table_->SetReady(false);
  AdvanceBy(absl::Seconds(1) + 2 * kTick);
  table_->SetReady(true);
  AdvanceBy(kTtl + kGrace - kTick);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(3 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END a EXPIRED"));
}

TEST_F(OrphanTest, WhoTakesTheOfficeBeforeItHasCaughtUpJudgesNobodyUntilThen) {
  table_->SetSweeping(false);
  Elsewhere("a");
  OtherNode(false);
  table_->SetReady(false);
  table_->SetSweeping(true);
  AdvanceBy(absl::Minutes(5));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  table_->SetReady(true);
  AdvanceBy(kTtl / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
}

TEST_F(OrphanTest, OrphansAreFoundAtTheStartToo) {
  MakeTable({});
  registry_.AddSession(SessionId("a"), "s", kTtl, internal::v1::SESSION_STATE_LIVE, "node-9");
  Start();
  EXPECT_EQ(Counters().orphans, 1u);
  AdvanceBy(kTtl / 3 + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
}

TEST_F(OrphanTest, TheBrakeHoldsOrphansAsItHoldsOthers) {
  for (int i = 0; i < 10; ++i) Elsewhere(absl::StrCat("p", i));
  OtherNode(false);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), SizeIs(10)) << "suspect, and no more";
  EXPECT_THAT(events_.engaged, SizeIs(1));
  EXPECT_EQ(Counters().evictions_held, 10u);
}

TEST_F(OrphanTest, OrphansTakeNoRoomFromSessionsThatOpenHere) {
  MakeTable({.max_sessions = 1});
  Start();
  Elsewhere("a");
  OtherNode(false);
  EXPECT_TRUE(table_->AdmitSession().ok());
}

TEST_F(OrphanTest, AnEvictionThatIsRefusedBecauseTheHomeIsBackIsForgotten) {
  Elsewhere("a");
  OtherNode(false);
  AdvanceBy(kTtl + kGrace - kTick);
  TakeCommits();
  registry_.set_store(FakeRegistry::Store::kSilent);
  AdvanceBy(3 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END a EXPIRED"));
  OtherNode(true);
  registry_.set_store(FakeRegistry::Store::kWorks);
  registry_.Settle(absl::FailedPreconditionError("it has moved"));
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

}  // namespace
}  // namespace rollcall::health
