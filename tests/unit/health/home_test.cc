// Sessions across nodes: which are this node's to judge, how they come and go.
#include "tests/unit/health/session_table_fixture.h"

namespace rollcall::health {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum absl::StatusCode;

constexpr char kOther[] = "node-2";
constexpr absl::Duration kGrace = SessionBook::kOrphanGrace;

class HomeTest : public SessionTableTest {
 protected:
  void SetUp() override {
    registry_.set_present(kOther, true);
    Start();
  }
  // A session that is at home on another node.
  SessionId Elsewhere(const std::string& id,
                      SessionState state = internal::v1::SESSION_STATE_LIVE) {
    const SessionId session(id);
    registry_.AddSession(session, SecretOf(id), kTtl, state, kOther);
    registry_.AddInstance(session, "billing", "a");
    table_->OnSessionChanged(session, state, v1::CAUSE_UNSPECIFIED);
    return session;
  }
  void OtherNode(bool present) {
    registry_.set_present(kOther, present);
    table_->OnNodePresenceChanged(NodeId(kOther), present);
  }
  absl::StatusCode ClosedWith(Client& client) {
    const auto status = client.stream->closed();
    return status ? status->code() : absl::StatusCode::kUnknown;
  }
  std::string Message(Client& client) { return std::string(client.stream->closed()->message()); }
  bool Opened(Client& client) {
    for (const auto& sent : client.stream->TakeSent()) {
      if (sent.has_opened()) return true;
    }
    return false;
  }
  size_t Moves(Client& client) {
    size_t moves = 0;
    for (const auto& sent : client.stream->TakeSent()) moves += sent.has_move_to();
    return moves;
  }
  HealthCounters Counters() { return table_->counters(); }
};

// What is at home elsewhere.

TEST_F(HomeTest, ASessionAtHomeElsewhereIsNotJudgedHere) {
  Elsewhere("a");
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(Counters().sessions, 0u);
  EXPECT_EQ(Counters().orphans, 0u);
}

TEST_F(HomeTest, AtTheStartOnlyTheSessionsAtHomeHereAreTakenOver) {
  MakeTable({});
  registry_.AddSession(SessionId("mine"), "s", kTtl);
  registry_.AddSession(SessionId("theirs"), "s", kTtl, internal::v1::SESSION_STATE_LIVE, kOther);
  Start();
  EXPECT_EQ(Counters().sessions, 1u);
  AdvanceBy(kTtl + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT mine BEAT_OVERDUE", "END mine EXPIRED"));
}

TEST_F(HomeTest, ASessionThatMovedAwayIsNotSuspectedAndItsStreamIsClosed) {
  const auto client = Join("a");
  registry_.Rehome(SessionId("a"), kOther);
  EXPECT_EQ(ClosedWith(*client), kAborted);
  EXPECT_EQ(Message(*client), "the session moved to another node");
  EXPECT_EQ(Counters().sessions, 0u);
  EXPECT_EQ(Counters().connected, 0u);
  client->Break();
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, AMoveThatIsHeardOfWithinTheGatherTimeSuspectsNobody) {
  const auto client = Join("a");
  client->Break();
  registry_.Rehome(SessionId("a"), kOther);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, ASuspicionThatIsUndecidedWhenTheSessionMovesIsForgotten) {
  const auto client = Join("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  client->Break();
  AdvanceBy(SuspicionCollector::kGather);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN"));
  registry_.Rehome(SessionId("a"), kOther);
  registry_.set_store(FakeRegistry::Store::kWorks);
  registry_.Settle(absl::FailedPreconditionError("it has moved"));
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, AClientThatSaysThatItMovesIsNotSuspectForAThirdOfItsTtl) {
  const auto client = Join("a");
  AdvanceBy(kTtl / 2);  // Its last heartbeat is long ago.
  client->Leave(v1::KeepAliveRequest::REASON_MOVING);
  client->Break();
  AdvanceBy(kTtl / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(StateOf(SessionId("a")), internal::v1::SESSION_STATE_LIVE);
}

// Opening what is at home elsewhere.

TEST_F(HomeTest, AStreamThatOpensHereBringsTheSessionHomeBeforeItIsAnswered) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(id);
  EXPECT_THAT(TakeCommits(), ElementsAre("HOME a"));
  EXPECT_THAT(evidence_, HasSubstr("ipv4:10.0.0.1"));
  EXPECT_FALSE(Opened(*client));
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_TRUE(Opened(*client));
  EXPECT_TRUE(client->open());
  EXPECT_EQ(Counters().sessions, 1u);
  EXPECT_EQ(Counters().connected, 1u);
}

TEST_F(HomeTest, ASuspectSessionThatComesHomeIsLiveByThatAlone) {
  const SessionId id = Elsewhere("a", internal::v1::SESSION_STATE_SUSPECT);
  const auto client = Connect(id);
  EXPECT_TRUE(Opened(*client));
  EXPECT_THAT(TakeCommits(), ElementsAre("HOME a"));
  EXPECT_EQ(StateOf(id), internal::v1::SESSION_STATE_LIVE);
}

TEST_F(HomeTest, ASessionThatComesHomeHasItsFullTtl) {
  const SessionId id = Elsewhere("a");
  AdvanceBy(absl::Minutes(5));
  const auto client = Connect(id);
  TakeCommits();
  AdvanceBy(kTtl * 2 / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
}

TEST_F(HomeTest, OneThatComesHomeWithoutItsStreamHasItsFullTtlToo) {
  Elsewhere("a");
  AdvanceBy(absl::Minutes(5));
  registry_.Rehome(SessionId("a"), FakeRegistry::kNode);
  AdvanceBy(kTtl * 2 / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(kTtl);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE", "END a EXPIRED"));
}

TEST_F(HomeTest, OpeningAgainWhereItIsAtHomeMovesNothing) {
  const auto client = Connect(Elsewhere("a"));
  TakeCommits();
  const auto again = Connect(SessionId("a"));
  EXPECT_TRUE(Opened(*again));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, OfSeveralStreamsThatWaitForTheMoveTheNewestStays) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto older = Connect(id);
  const auto newer = Connect(id);
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_EQ(ClosedWith(*older), kAborted);
  EXPECT_TRUE(newer->open());
  EXPECT_TRUE(Opened(*newer));
  EXPECT_EQ(Counters().connected, 1u);
}

TEST_F(HomeTest, AMoveThatIsNotDecidedInTimeLeavesTheClientWhereItIs) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(id);
  AdvanceBy(kRevisionWait - kTick);
  EXPECT_TRUE(client->open());
  AdvanceBy(2 * kTick);
  EXPECT_EQ(ClosedWith(*client), kUnavailable);
  EXPECT_THAT(Message(*client), HasSubstr("node-2"));
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_FALSE(Opened(*client));
}

TEST_F(HomeTest, AMoveThatCannotBeCommittedLeavesTheClientWhereItIs) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kAway);
  const auto client = Connect(id);
  EXPECT_EQ(ClosedWith(*client), kUnavailable);
  EXPECT_THAT(Message(*client), HasSubstr("the store is away"));
}

TEST_F(HomeTest, WhileTheStoreIsAwayNothingIsMoved) {
  const SessionId id = Elsewhere("a");
  table_->SetStoreReachable(false);
  const auto client = Connect(id);
  AdvanceBy(kRevisionWait + kTick);
  EXPECT_EQ(ClosedWith(*client), kUnavailable);
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, ASessionThatEndsWhileItIsMovedIsToldItsCause) {
  const SessionId id = Elsewhere("a");
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(id);
  registry_.Move(id, internal::v1::SESSION_STATE_ENDED, v1::CAUSE_DEREGISTERED);
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ended().cause(), v1::CAUSE_DEREGISTERED);
  EXPECT_EQ(ClosedWith(*client), kOk);
}

TEST_F(HomeTest, AWrongSecretMovesNothing) {
  Elsewhere("a");
  Client client(*table_, "ipv4:10.0.0.1:1");
  client.Open("a", "guess");
  executor_.RunReady();
  EXPECT_EQ(ClosedWith(client), kPermissionDenied);
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, StreamsThatWaitForAMoveCountAgainstTheLimit) {
  MakeTable({.max_streams = 2});
  Start();
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto a = Connect(Elsewhere("a"));
  const auto b = Connect(Elsewhere("b"));
  const auto c = Connect(Elsewhere("c"));
  EXPECT_TRUE(b->open());
  EXPECT_EQ(ClosedWith(*c), kResourceExhausted);
}

// What is not known.

TEST_F(HomeTest, AnUnknownSessionIsDeniedOnlyAfterALookAtAllThatWasAcknowledged) {
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(SessionId("a"));
  EXPECT_THAT(TakeCommits(), ElementsAre("CONFIRM"));
  EXPECT_TRUE(client->open());
  EXPECT_THAT(client->stream->TakeSent(), IsEmpty());
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].ended().cause(), v1::CAUSE_SESSION_UNKNOWN);
}

TEST_F(HomeTest, ASessionThatIsFoundByThatLookIsServed) {
  registry_.set_store(FakeRegistry::Store::kSilent);
  const auto client = Connect(SessionId("a"));
  Register("a");
  registry_.Settle(absl::OkStatus());
  executor_.RunReady();
  EXPECT_TRUE(Opened(*client));
}

TEST_F(HomeTest, ALookThatFailsDeniesNobody) {
  registry_.set_store(FakeRegistry::Store::kAway);
  const auto client = Connect(SessionId("a"));
  EXPECT_EQ(ClosedWith(*client), kUnavailable);
  EXPECT_THAT(client->stream->TakeSent(), IsEmpty());
}

TEST_F(HomeTest, ANodeThatIsNotReadyDeniesAndMovesNobodyButServesItsOwn) {
  const SessionId mine = Register("mine");
  const SessionId theirs = Elsewhere("theirs");
  table_->SetReady(false);
  const auto known = Connect(mine);
  const auto elsewhere = Connect(theirs);
  const auto unknown = Connect(SessionId("nobody"));
  EXPECT_TRUE(Opened(*known));
  EXPECT_EQ(ClosedWith(*elsewhere), kUnavailable);
  EXPECT_EQ(ClosedWith(*unknown), kUnavailable);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  table_->SetReady(true);
  EXPECT_TRUE(Opened(*Connect(theirs)));
}

// Orphans.

TEST_F(HomeTest, AnOrphanIsSuspectAfterAThirdOfItsTtlAndGoesTenSecondsAfterIt) {
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

TEST_F(HomeTest, AnOrphanThatWasSuspectBeforeHasTheSameTime) {
  Elsewhere("a", internal::v1::SESSION_STATE_SUSPECT);
  OtherNode(false);
  AdvanceBy(kTtl + kGrace - kTick);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  AdvanceBy(2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("END a EXPIRED"));
}

TEST_F(HomeTest, AnOrphanThatAnotherNodeTakesIsLeftToIt) {
  Elsewhere("a");
  OtherNode(false);
  registry_.set_present("node-3", true);
  registry_.Rehome(SessionId("a"), "node-3");
  EXPECT_EQ(Counters().orphans, 0u);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, AnOrphanThatOpensHereIsAtHomeHereWithItsFullTtl) {
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

TEST_F(HomeTest, AnOrphanThatOpensWhileItIsBecomingSuspectIsLive) {
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

TEST_F(HomeTest, ANodeThatComesBackHasItsSessionsBack) {
  Elsewhere("a");
  OtherNode(false);
  AdvanceBy(kTtl);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
  OtherNode(true);
  EXPECT_EQ(Counters().orphans, 0u);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, WhoDoesNotSweepAdoptsNobody) {
  table_->SetSweeping(false);
  Elsewhere("a");
  OtherNode(false);
  AdvanceBy(absl::Minutes(5));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(Counters().orphans, 0u);
}

TEST_F(HomeTest, WhoTakesTheOfficeBeginsTheTimeOfOrphansAnew) {
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

TEST_F(HomeTest, WhoLosesTheOfficeJudgesOrphansNoMore) {
  Elsewhere("a");
  OtherNode(false);
  Register("mine");
  table_->SetSweeping(false);
  EXPECT_EQ(Counters().orphans, 0u);
  EXPECT_EQ(Counters().sessions, 1u) << "its own stay";
  AdvanceBy(absl::Minutes(5));
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT mine BEAT_OVERDUE", "END mine EXPIRED"));
}

TEST_F(HomeTest, AnOutageOfTheStoreBeginsTheTimeOfOrphansAnew) {
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

TEST_F(HomeTest, OrphansAreFoundAtTheStartToo) {
  MakeTable({});
  registry_.AddSession(SessionId("a"), "s", kTtl, internal::v1::SESSION_STATE_LIVE, "node-9");
  Start();
  EXPECT_EQ(Counters().orphans, 1u);
  AdvanceBy(kTtl / 3 + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
}

TEST_F(HomeTest, TheBrakeHoldsOrphansAsItHoldsOthers) {
  for (int i = 0; i < 10; ++i) Elsewhere(absl::StrCat("p", i));
  OtherNode(false);
  AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(TakeCommits(), SizeIs(10)) << "suspect, and no more";
  EXPECT_THAT(events_.engaged, SizeIs(1));
  EXPECT_EQ(Counters().evictions_held, 10u);
}

TEST_F(HomeTest, OrphansTakeNoRoomFromSessionsThatOpenHere) {
  MakeTable({.max_sessions = 1});
  Start();
  Elsewhere("a");
  OtherNode(false);
  EXPECT_TRUE(table_->AdmitSession().ok());
}

TEST_F(HomeTest, AnEvictionThatIsRefusedBecauseTheHomeIsBackIsForgotten) {
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

// A node that cannot confirm its presence.

TEST_F(HomeTest, WithoutConfirmedPresenceEachStreamIsSentElsewhereOnce) {
  servers_ =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"10.0.0.2:7400"});
  const auto client = Join("a");
  EXPECT_TRUE(table_->store_reachable());
  table_->SetPresenceConfirmed(false);
  EXPECT_FALSE(table_->store_reachable());
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent[0].move_to().servers(), ElementsAre("10.0.0.2:7400"));
  table_->SetPresenceConfirmed(false);
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(client->stream->TakeSent(), IsEmpty());
  EXPECT_TRUE(client->open());
  client->Beat(4, true);
  EXPECT_THAT(client->stream->TakeSent(), SizeIs(1)) << "it is served";
}

TEST_F(HomeTest, AStreamThatOpensMeanwhileIsServedAndSentElsewhereToo) {
  const SessionId id = Register("a");
  table_->SetPresenceConfirmed(false);
  const auto client = Connect(id);
  const auto sent = client->stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_TRUE(sent[0].has_opened());
  EXPECT_TRUE(sent[1].has_move_to());
}

TEST_F(HomeTest, WithoutConfirmedPresenceNoSessionIsBroughtHomeHere) {
  const SessionId id = Elsewhere("a");
  table_->SetPresenceConfirmed(false);
  EXPECT_EQ(ClosedWith(*Connect(id)), kUnavailable);
  EXPECT_THAT(TakeCommits(), IsEmpty());
  table_->SetPresenceConfirmed(true);
  EXPECT_TRUE(Opened(*Connect(id)));
}

TEST_F(HomeTest, TheNextTimeTheyAreToldAgain) {
  const auto client = Join("a");
  table_->SetPresenceConfirmed(false);
  table_->SetPresenceConfirmed(true);
  EXPECT_TRUE(table_->store_reachable());
  table_->SetPresenceConfirmed(false);
  EXPECT_EQ(Moves(*client), 2u);
}

TEST_F(HomeTest, AClientThatWasSentElsewhereIsNotSuspectWhenItGoes) {
  const auto client = Join("a");
  table_->SetPresenceConfirmed(false);
  client->Break();
  AdvanceBy(kTtl / 3);
  EXPECT_THAT(TakeCommits(), IsEmpty());
}

TEST_F(HomeTest, OneThatStayedUntilPresenceWasConfirmedIsSuspectWhenItBreaks) {
  const auto client = Join("a");
  table_->SetPresenceConfirmed(false);
  table_->SetPresenceConfirmed(true);
  client->Break();
  AdvanceBy(SuspicionCollector::kGather);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a STREAM_BROKEN"));
}

TEST_F(HomeTest, TheStoreCountsAsAwayForClientsWhenItIs) {
  table_->SetStoreReachable(false);
  EXPECT_FALSE(table_->store_reachable());
  table_->SetStoreReachable(true);
  EXPECT_TRUE(table_->store_reachable());
}

}  // namespace
}  // namespace rollcall::health
