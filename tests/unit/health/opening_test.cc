// How streams open, what they are refused for, and what may be said on them.
#include "tests/unit/health/session_table_fixture.h"

namespace rollcall::health {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class OpeningTest : public SessionTableTest {
 protected:
  absl::StatusCode ClosedWith(Client& client) {
    const auto status = client.stream->closed();
    return status ? status->code() : absl::StatusCode::kUnknown;
  }
  std::string Message(Client& client) { return std::string(client.stream->closed()->message()); }
  // The one message sent since the last look.
  v1::KeepAliveResponse Sent(Client& client) {
    const auto sent = client.stream->TakeSent();
    EXPECT_THAT(sent, SizeIs(1));
    return sent.empty() ? v1::KeepAliveResponse() : sent[0];
  }
};

TEST_F(OpeningTest, IsAnsweredWithTtlIntervalAndWhatIsHeld) {
  Start();
  const SessionId id = Register("a");
  registry_.AddInstance(id, "orders", "a");
  const auto client = Connect(id);
  const auto response = Sent(*client);
  const auto& opened = response.opened();
  EXPECT_EQ(opened.ttl().seconds(), 9);
  EXPECT_EQ(opened.beat_interval().seconds(), 3);
  ASSERT_EQ(opened.instances_size(), 2);
  EXPECT_EQ(opened.instances(0).key().service(), "billing");
  EXPECT_GT(opened.instances(0).lease_epoch(), 0u);
  EXPECT_EQ(opened.instances(1).key().service(), "orders");
  EXPECT_TRUE(client->open());
  EXPECT_EQ(table_->counters().connected, 1u);
}

TEST_F(OpeningTest, IsAnsweredWithTheServersThatTheClientMayUseNow) {
  Start();
  const SessionId id = Register("a");
  auto client = Connect(id);
  EXPECT_EQ(Sent(*client).opened().servers_size(), 0);
  servers_ = std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{"10.0.0.1:7400", "10.0.0.2:7400"});
  client = Connect(id);
  EXPECT_THAT(Sent(*client).opened().servers(), ElementsAre("10.0.0.1:7400", "10.0.0.2:7400"));
}

TEST_F(OpeningTest, AnUnknownSessionIsToldSoAndTheStreamEndsWell) {
  Start();
  const auto client = Connect(SessionId("nobody"));
  EXPECT_EQ(Sent(*client).ended().cause(), v1::CAUSE_SESSION_UNKNOWN);
  EXPECT_EQ(ClosedWith(*client), absl::StatusCode::kOk);
}

TEST_F(OpeningTest, WhileTheStoreIsAwayNobodyIsDeniedASession) {
  Start();
  table_->SetStoreReachable(false);
  const auto client = Connect(SessionId("nobody"));
  AdvanceBy(absl::Seconds(3));
  EXPECT_EQ(ClosedWith(*client), absl::StatusCode::kUnavailable);
}

TEST_F(OpeningTest, AnEndedSessionIsToldItsCause) {
  Start();
  const SessionId id = Register("a");
  registry_.Move(id, internal::v1::SESSION_STATE_ENDED, v1::CAUSE_EXPIRED);
  const auto client = Connect(id);
  EXPECT_EQ(Sent(*client).ended().cause(), v1::CAUSE_EXPIRED);
  EXPECT_EQ(ClosedWith(*client), absl::StatusCode::kOk);
}

TEST_F(OpeningTest, AWrongSecretIsRefused) {
  Start();
  const SessionId id = Register("a");
  Client client(*table_, "ipv4:10.0.0.1:1");
  client.Open("a", "guess");
  executor_.RunReady();
  EXPECT_EQ(ClosedWith(client), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(Message(client), HasSubstr("open.session_secret"));
  EXPECT_THAT(client.stream->TakeSent(), IsEmpty());
  EXPECT_EQ(table_->counters().connected, 0u);
}

TEST_F(OpeningTest, ARevisionThatIsNotYetAppliedIsWaitedFor) {
  Start();
  Register("a");
  Client client(*table_, "ipv4:10.0.0.1:1");
  client.Open("a", SecretOf("a"), 101, "store-1");
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(client.stream->TakeSent(), IsEmpty());
  registry_.set_applied(101);
  AdvanceBy(kTick);
  EXPECT_TRUE(Sent(client).has_opened());
}

TEST_F(OpeningTest, ARevisionThatDoesNotComeIsUnavailableAfterTwoSeconds) {
  Start();
  Client client(*table_, "ipv4:10.0.0.1:1");
  client.Open("a", SecretOf("a"), 101, "store-1");
  AdvanceBy(absl::Seconds(2) - kTick);
  EXPECT_TRUE(client.open());
  AdvanceBy(2 * kTick);
  EXPECT_EQ(ClosedWith(client), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Message(client), HasSubstr("revision 100"));
}

TEST_F(OpeningTest, ARevisionOfAnotherStoreSaysNothing) {
  Start();
  Register("a");
  Client client(*table_, "ipv4:10.0.0.1:1");
  client.Open("a", SecretOf("a"), 5000, "store-0");
  executor_.RunReady();
  EXPECT_TRUE(Sent(client).has_opened());
}

TEST_F(OpeningTest, ANodeThatHasNotStartedDeniesNobody) {
  const auto client = Connect(SessionId("a"));
  EXPECT_EQ(ClosedWith(*client), absl::StatusCode::kUnavailable);
}

TEST_F(OpeningTest, ANewerStreamReplacesTheOlder) {
  Start();
  const auto old_client = Join("a");
  const auto new_client = Connect(SessionId("a"));
  EXPECT_EQ(ClosedWith(*old_client), absl::StatusCode::kAborted);
  EXPECT_EQ(Message(*old_client), "replaced by a newer stream");
  EXPECT_TRUE(Sent(*new_client).has_opened());
  old_client->Break();  // The transport reports the end of what was closed.
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(table_->counters().connected, 1u);
}

TEST_F(OpeningTest, HeartbeatsOfAReplacedStreamDoNotCount) {
  Start();
  const auto old_client = Join("a");
  const auto new_client = Connect(SessionId("a"));
  KeepBeating(*old_client, kTtl);
  AdvanceBy(kTtl * 2 / 3 + 2 * kTick);
  EXPECT_THAT(TakeCommits(), ElementsAre("SUSPECT a BEAT_OVERDUE"));
}

TEST_F(OpeningTest, ASecondOpenIsInvalidAndSuspectsNobody) {
  Start();
  const auto client = Join("a");
  client->Open("a", SecretOf("a"));
  executor_.RunReady();
  EXPECT_EQ(ClosedWith(*client), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(*client), HasSubstr("open"));
  client->Break();
  AdvanceBy(absl::Seconds(1));
  EXPECT_THAT(TakeCommits(), IsEmpty());
  EXPECT_EQ(table_->counters().connected, 0u);
}

TEST_F(OpeningTest, WhatIsSaidBeforeTheOpenIsInvalid) {
  Start();
  Client beats(*table_, "ipv4:10.0.0.1:1");
  beats.Beat();
  Client leaves(*table_, "ipv4:10.0.0.1:2");
  leaves.Leave(v1::KeepAliveRequest::REASON_MOVING);
  Client mute(*table_, "ipv4:10.0.0.1:3");
  mute.protocol.OnMessage({});
  executor_.RunReady();
  EXPECT_EQ(ClosedWith(beats), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ClosedWith(leaves), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ClosedWith(mute), absl::StatusCode::kInvalidArgument);
}

TEST_F(OpeningTest, AnEmptyMessageAndALeaveWithoutReasonAreInvalid) {
  Start();
  const auto empty = Join("a");
  empty->protocol.OnMessage({});
  const auto unreasoned = Join("b");
  unreasoned->Leave(v1::KeepAliveRequest::REASON_UNSPECIFIED);
  executor_.RunReady();
  EXPECT_EQ(ClosedWith(*empty), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ClosedWith(*unreasoned), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(*unreasoned), HasSubstr("leave.reason"));
}

TEST_F(OpeningTest, AStreamThatNeverOpensIsEnded) {
  Start();
  Client silent(*table_, "ipv4:10.0.0.1:1");
  AdvanceBy(Openings::kOpenWithin - kTick);
  EXPECT_TRUE(silent.open());
  AdvanceBy(2 * kTick);
  EXPECT_EQ(ClosedWith(silent), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(OpeningTest, StreamsThatDidNotOpenHaveALimit) {
  MakeTable({.max_streams = 2});
  Start();
  Client one(*table_, "ipv4:10.0.0.1:1");
  Client two(*table_, "ipv4:10.0.0.1:2");
  Client three(*table_, "ipv4:10.0.0.1:3");
  executor_.RunReady();
  EXPECT_TRUE(two.open());
  EXPECT_EQ(ClosedWith(three), absl::StatusCode::kResourceExhausted);
}

TEST_F(OpeningTest, AHeartbeatThatOvertakesTheAnswerIsAcknowledgedAfterIt) {
  Start();
  const SessionId id = Register("a");
  Client client(*table_, "ipv4:10.0.0.1:1");
  client.Open("a", SecretOf("a"));
  client.Beat(7, true);
  executor_.RunReady();
  const auto sent = client.stream->TakeSent();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_TRUE(sent[0].has_opened());
  EXPECT_EQ(sent[1].ack().sequence(), 7u);
}

TEST_F(OpeningTest, StreamsHaveALimit) {
  MakeTable({.max_streams = 2});
  Start();
  const auto a = Join("a");
  const auto b = Join("b");
  const auto c = Connect(Register("c"));
  EXPECT_EQ(ClosedWith(*c), absl::StatusCode::kResourceExhausted);
  const auto again = Connect(SessionId("b"));
  EXPECT_TRUE(again->open()) << "it takes the place of its predecessor";
}

TEST_F(OpeningTest, SessionsHaveALimit) {
  MakeTable({.max_sessions = 2});
  Start();
  Register("a");
  EXPECT_TRUE(table_->AdmitSession().ok());
  Register("b");
  EXPECT_EQ(table_->AdmitSession().code(), absl::StatusCode::kResourceExhausted);
  registry_.Move(SessionId("a"), internal::v1::SESSION_STATE_ENDED, v1::CAUSE_DEREGISTERED);
  EXPECT_TRUE(table_->AdmitSession().ok());
}

TEST_F(OpeningTest, NobodyButTheNodeOpensItsOwnSession) {
  Start();
  Client client(*table_, "ipv4:10.0.0.1:1");
  client.Open(table_->node_session_id().value(), "guess");
  executor_.RunReady();
  EXPECT_EQ(ClosedWith(client), absl::StatusCode::kPermissionDenied);
  EXPECT_TRUE(node_client_->open());
  EXPECT_EQ(table_->counters().sessions, 0u);
}

}  // namespace
}  // namespace rollcall::health
