// How registrations come, stay and go, against a registry in memory.
#include "tests/unit/sdk/sdk_fixture.h"

namespace rollcall {
namespace {

using ::testing::ElementsAre;
using testing::FakeKeepAlive;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RegistrationTest : public testing::SdkTest {
 protected:
  RegistrationState StateOf(const std::shared_ptr<sdk::RegistrationHandle>& handle) {
    return handle->status().state;
  }
  FakeKeepAlive& Stream() { return *transport_.keep_alives().back(); }
  size_t Beats(const FakeKeepAlive& stream) {
    return std::count_if(stream.sent.begin(), stream.sent.end(),
                         [](const auto& m) { return m.has_beat(); });
  }
  const std::string& SessionId() { return transport_.registers.back().session_id(); }
};

TEST_F(RegistrationTest, RegistersAndOpensTheSessionsStream) {
  Start();
  const auto handle = Register("web", "w1");
  Settle();
  EXPECT_EQ(StateOf(handle), RegistrationState::kRegistered);
  EXPECT_EQ(handle->status().lease_epoch, 101u);
  ASSERT_THAT(transport_.registers, SizeIs(1));
  EXPECT_TRUE(transport_.registers[0].open());
  EXPECT_EQ(transport_.registers[0].session_id().size(), 32u);
  EXPECT_EQ(transport_.registers[0].client_name(), "test");
  ASSERT_THAT(transport_.keep_alives(), SizeIs(1));
  EXPECT_EQ(Stream().sent[0].open().session_id(), SessionId());
}

TEST_F(RegistrationTest, ABurstBecomesOneRequestAndOneStream) {
  Start();
  for (int i = 0; i < 50; ++i) Register("web", absl::StrCat("w", i));
  Settle();
  ASSERT_THAT(transport_.registers, SizeIs(1));
  EXPECT_THAT(transport_.registers[0].instances(), SizeIs(50));
  EXPECT_THAT(transport_.keep_alives(), SizeIs(1));
}

TEST_F(RegistrationTest, EachTtlHasItsSession) {
  Start();
  Register("web", "w1");
  Register({.service = "web", .id = "w2", .ttl = absl::Seconds(30)});
  Register({.service = "web", .id = "w3", .ttl = absl::Seconds(30)});
  Settle();
  EXPECT_THAT(transport_.registers, SizeIs(2));
  EXPECT_THAT(transport_.keep_alives(), SizeIs(2));
}

TEST_F(RegistrationTest, TheSameInstanceTwiceInOneClientIsRefused) {
  Start();
  Register("web", "w1");
  EXPECT_EQ(core_->Register({.service = "web", .id = "w1"}).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(RegistrationTest, BadOptionsAreRefusedByName) {
  Start();
  EXPECT_THAT(std::string(core_->Register({.service = "Web"}).status().message()),
              ::testing::HasSubstr("service"));
  EXPECT_THAT(std::string(core_->Register({.service = "web", .weight = 10001}).status().message()),
              ::testing::HasSubstr("weight"));
}

TEST_F(RegistrationTest, BeatsThriceInATtlAndAsksForAnAnswerAtLeastOnce) {
  Start();
  Register("web", "w1");
  Settle();
  AdvanceBy(absl::Seconds(100));
  EXPECT_GE(Beats(Stream()), 30u);
  EXPECT_LE(Beats(Stream()), 34u);
  const size_t asked = std::count_if(Stream().sent.begin(), Stream().sent.end(), [](const auto& m) {
    return m.has_beat() && m.beat().want_ack();
  });
  EXPECT_GE(asked, 10u);
  EXPECT_LE(asked, 17u);
  EXPECT_THAT(transport_.keep_alives(), SizeIs(1));
}

TEST_F(RegistrationTest, HonoursTheServersBeatInterval) {
  Start();
  Register("web", "w1");
  Settle();
  auto message = transport_.Stamped();
  message.mutable_interval()->mutable_beat_interval()->set_seconds(1);
  Stream().Deliver(message);
  Settle();
  AdvanceBy(absl::Seconds(10));
  EXPECT_GE(Beats(Stream()), 10u);
}

TEST_F(RegistrationTest, KeepsTryingWhileTheRegistryIsAway) {
  Start();
  transport_.TakeDown("a:1");
  const auto handle = Register("web", "w1");
  AdvanceBy(absl::Seconds(30));
  EXPECT_EQ(StateOf(handle), RegistrationState::kRetrying);
  EXPECT_EQ(handle->status().last_error.code(), absl::StatusCode::kUnavailable);
  transport_.BringUp("a:1");
  AdvanceBy(absl::Seconds(6));
  EXPECT_EQ(StateOf(handle), RegistrationState::kRegistered);
  // The same session all the time: opening is safe to repeat.
  EXPECT_EQ(transport_.registers.front().session_id(), transport_.registers.back().session_id());
}

TEST_F(RegistrationTest, FailsOverToAnotherServer) {
  options_.servers = {"a:1", "b:1", "c:1"};
  Start();
  const auto handle = Register("web", "w1");
  Settle();
  const std::string first = Stream().server;
  AdvanceBy(absl::Seconds(2));
  transport_.TakeDown(first);
  AdvanceBy(absl::Milliseconds(1));
  EXPECT_NE(Stream().server, first);
  EXPECT_TRUE(Stream().open());
  EXPECT_EQ(StateOf(handle), RegistrationState::kRegistered);
}

TEST_F(RegistrationTest, ReopensABrokenStreamAtOnceAndThenBacksOff) {
  Start();
  Register("web", "w1");
  AdvanceBy(absl::Seconds(2));
  Stream().End(absl::UnavailableError("reset"));
  Settle();
  ASSERT_THAT(transport_.keep_alives(), SizeIs(2));  // At once.
  transport_.TakeDown("a:1");
  AdvanceBy(absl::Seconds(20));
  EXPECT_GE(transport_.keep_alives().size(), 6u);
  EXPECT_LE(transport_.keep_alives().size(), 60u);
}

// The registry gives every session its full TTL when it comes back; who comes later is evicted.
TEST_F(RegistrationTest, ARegistryThatComesBackIsFoundWithinAFractionOfTheTtl) {
  options_.session_ttl = absl::Seconds(3);
  Start();
  Register("web", "w1");
  AdvanceBy(absl::Seconds(2));
  for (int round = 0; round < 20; ++round) {
    transport_.TakeDown("a:1");
    AdvanceBy(absl::Seconds(60));
    transport_.BringUp("a:1");
    AdvanceBy(absl::Seconds(1));
    ASSERT_TRUE(Stream().open()) << "round " << round;
    AdvanceBy(absl::Seconds(2));
  }
}

TEST_F(RegistrationTest, ASilentStreamIsTakenForDeadAfterATtl) {
  options_.servers = {"a:1", "b:1"};
  Start();
  const auto handle = Register("web", "w1");
  Settle();
  const std::string first = Stream().server;
  transport_.silent.insert(first);
  AdvanceBy(absl::Seconds(11));
  EXPECT_NE(Stream().server, first);
  EXPECT_EQ(StateOf(handle), RegistrationState::kRegistered);
}

TEST_F(RegistrationTest, RegistersAgainWhatTheRegistryDoesNotHold) {
  Start();
  const auto w1 = Register("web", "w1");
  const auto w2 = Register("web", "w2");
  AdvanceBy(absl::Seconds(2));
  transport_.sessions[SessionId()].held.erase("web/w2");
  Stream().End(absl::UnavailableError("reset"));
  Settle();
  ASSERT_THAT(transport_.registers, SizeIs(2));
  ASSERT_THAT(transport_.registers[1].instances(), SizeIs(1));
  EXPECT_EQ(transport_.registers[1].instances(0).id(), "w2");
  EXPECT_EQ(StateOf(w2), RegistrationState::kRegistered);
}

TEST_F(RegistrationTest, RemovesWhatTheRegistryShouldNotHold) {
  Start();
  Register("web", "w1");
  AdvanceBy(absl::Seconds(2));
  transport_.sessions[SessionId()].held["web/ghost"] = 7;
  Stream().End(absl::UnavailableError("reset"));
  Settle();
  ASSERT_THAT(transport_.deregisters, SizeIs(1));
  EXPECT_EQ(transport_.deregisters[0].instances(0).id(), "ghost");
}

TEST_F(RegistrationTest, ALostSessionIsReplacedAndEverythingRegisteredAgain) {
  Start();
  const auto w1 = Register("web", "w1");
  const auto w2 = Register("web", "w2");
  AdvanceBy(absl::Seconds(2));
  const std::string old = SessionId();
  transport_.sessions.clear();
  Stream().Deliver(transport_.Ended(v1::CAUSE_EXPIRED));
  Settle();
  EXPECT_EQ(StateOf(w1), RegistrationState::kRetrying);
  AdvanceBy(absl::Seconds(2));
  EXPECT_NE(SessionId(), old);
  EXPECT_EQ(StateOf(w1), RegistrationState::kRegistered);
  EXPECT_EQ(StateOf(w2), RegistrationState::kRegistered);
  EXPECT_THAT(transport_.sessions[SessionId()].held, SizeIs(2));
}

TEST_F(RegistrationTest, AfterLossAnInstanceThatSomeoneElseTookIsLeftAlone) {
  Start();
  const auto w1 = Register("web", "w1");
  const auto w2 = Register("web", "w2");
  AdvanceBy(absl::Seconds(2));
  transport_.on_get =
      [](const v1::GetInstanceRequest& request) -> absl::StatusOr<v1::GetInstanceResponse> {
    // A lagging node's answer would be that of before the other took it.
    EXPECT_EQ(request.consistency(), v1::CONSISTENCY_LATEST);
    if (request.key().id() != "w1") return absl::NotFoundError("gone");
    v1::GetInstanceResponse response;
    response.mutable_instance()->set_lease_epoch(999);
    return response;
  };
  Stream().Deliver(transport_.Ended(v1::CAUSE_EXPIRED));
  AdvanceBy(absl::Seconds(2));
  EXPECT_EQ(StateOf(w1), RegistrationState::kSuperseded);
  EXPECT_EQ(StateOf(w2), RegistrationState::kRegistered);
}

TEST_F(RegistrationTest, AfterLossNothingIsRegisteredUntilTheRegistryKnowsWhoHasIt) {
  Start();
  const auto w1 = Register("web", "w1");
  AdvanceBy(absl::Seconds(2));
  transport_.on_get = [](const v1::GetInstanceRequest&) -> absl::StatusOr<v1::GetInstanceResponse> {
    return absl::UnavailableError("this node has yet to catch up with the store");
  };
  Stream().Deliver(transport_.Ended(v1::CAUSE_EXPIRED));
  AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(StateOf(w1), RegistrationState::kRetrying);
  EXPECT_THAT(transport_.registers, SizeIs(1));
  transport_.on_get = nullptr;
  AdvanceBy(absl::Seconds(10));
  EXPECT_EQ(StateOf(w1), RegistrationState::kRegistered);
}

TEST_F(RegistrationTest, ASupersededInstanceStaysQuietForEver) {
  Start();
  std::vector<RegistrationState> states;
  const auto w1 =
      Register({.service = "web", .id = "w1", .on_change = [&](const RegistrationStatus& s) {
                  states.push_back(s.state);
                }});
  AdvanceBy(absl::Seconds(2));
  auto message = transport_.Stamped();
  message.mutable_superseded()->mutable_key()->set_service("web");
  message.mutable_superseded()->mutable_key()->set_id("w1");
  message.mutable_superseded()->set_lease_epoch(500);
  transport_.sessions[SessionId()].held.clear();
  Stream().Deliver(message);
  Settle();
  EXPECT_EQ(StateOf(w1), RegistrationState::kSuperseded);
  Stream().End(absl::UnavailableError("reset"));
  AdvanceBy(absl::Minutes(5));
  EXPECT_THAT(transport_.registers, SizeIs(1));
  EXPECT_THAT(states, ElementsAre(RegistrationState::kRegistered, RegistrationState::kSuperseded));
}

TEST_F(RegistrationTest, ARefusalOfALostInstanceIsTakenForSupersedingOnlyIfTheSessionLives) {
  Start();
  const auto w1 = Register("web", "w1");
  const auto w2 = Register("web", "w2");
  AdvanceBy(absl::Seconds(2));
  transport_.on_register =
      [this](const v1::RegisterRequest& request) -> absl::StatusOr<v1::RegisterResponse> {
    for (const auto& spec : request.instances()) {
      if (spec.id() == "w1") return absl::FailedPreconditionError("another process took it");
    }
    return transport_.Accept(request);
  };
  core_->registrar().Change(*w1, [](v1::InstanceSpec& spec) { spec.set_weight(7); });
  core_->registrar().Change(*w2, [](v1::InstanceSpec& spec) { spec.set_weight(7); });
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(StateOf(w1), RegistrationState::kSuperseded);
  EXPECT_EQ(StateOf(w2), RegistrationState::kRegistered);
  EXPECT_EQ(transport_.registers.back().instances(0).weight(), 7u);
}

TEST_F(RegistrationTest, ARefusalBecauseTheSessionEndedMakesANewSession) {
  Start();
  const auto w1 = Register("web", "w1");
  AdvanceBy(absl::Seconds(2));
  const std::string old = SessionId();
  transport_.sessions.erase(old);
  transport_.on_register =
      [this, old](const v1::RegisterRequest& request) -> absl::StatusOr<v1::RegisterResponse> {
    if (request.session_id() == old) return absl::FailedPreconditionError("has ended");
    return transport_.Accept(request);
  };
  core_->registrar().Change(*w1, [](v1::InstanceSpec& spec) { spec.set_weight(7); });
  AdvanceBy(absl::Seconds(3));
  EXPECT_EQ(StateOf(w1), RegistrationState::kRegistered);
  EXPECT_NE(SessionId(), old);
}

TEST_F(RegistrationTest, OneBadInstanceDoesNotHoldUpTheOthers) {
  Start();
  transport_.on_register =
      [this](const v1::RegisterRequest& request) -> absl::StatusOr<v1::RegisterResponse> {
    for (const auto& spec : request.instances()) {
      if (spec.id() == "bad") return absl::InvalidArgumentError("metadata: too large");
    }
    return transport_.Accept(request);
  };
  const auto bad = Register("web", "bad");
  const auto good = Register("web", "good");
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(StateOf(good), RegistrationState::kRegistered);
  EXPECT_EQ(bad->status().last_error.code(), absl::StatusCode::kInvalidArgument);
  const size_t requests = transport_.registers.size();
  AdvanceBy(absl::Minutes(5));
  EXPECT_LE(transport_.registers.size(), requests + 100);  // It is tried again, but slowly.
}

TEST_F(RegistrationTest, MovesWhenAskedOpeningTheNewStreamBeforeClosingTheOld) {
  options_.servers = {"a:1"};
  Start();
  Register("web", "w1");
  AdvanceBy(absl::Seconds(2));
  const auto old = transport_.keep_alives().back();
  auto message = transport_.Stamped();
  message.mutable_move_to()->add_servers("b:1");
  message.mutable_move_to()->mutable_after()->set_seconds(1);
  old->Deliver(message);
  AdvanceBy(absl::Seconds(1));
  ASSERT_THAT(transport_.keep_alives(), SizeIs(2));
  EXPECT_EQ(Stream().server, "b:1");
  EXPECT_TRUE(old->finished);
  EXPECT_EQ(old->sent.back().leave().reason(), v1::KeepAliveRequest::REASON_MOVING);
}

TEST_F(RegistrationTest, DeregisteringTheLastInstanceLeavesDrainsAndEndsTheSession) {
  Start();
  const auto w1 = Register("web", "w1");
  AdvanceBy(absl::Seconds(1));
  bool done = false;
  core_->registrar().Remove(*w1, [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
    done = true;
  });
  Settle();
  EXPECT_EQ(Stream().sent.back().leave().reason(), v1::KeepAliveRequest::REASON_STOPPING);
  EXPECT_THAT(transport_.deregisters, IsEmpty());
  AdvanceBy(absl::Milliseconds(500));
  EXPECT_TRUE(done);
  ASSERT_THAT(transport_.deregisters, SizeIs(1));
  EXPECT_THAT(transport_.deregisters[0].instances(), IsEmpty());  // The whole session.
  EXPECT_EQ(StateOf(w1), RegistrationState::kEnded);
  EXPECT_TRUE(Stream().finished);
}

TEST_F(RegistrationTest, OneOfSeveralDrainsByWeightZeroAndTheSessionStays) {
  Start();
  const auto w1 = Register("web", "w1");
  const auto w2 = Register("web", "w2");
  AdvanceBy(absl::Seconds(1));
  core_->registrar().Remove(*w1, [](const absl::Status&) {});
  Settle();
  ASSERT_THAT(transport_.registers, SizeIs(2));
  EXPECT_EQ(transport_.registers[1].instances(0).id(), "w1");
  EXPECT_EQ(transport_.registers[1].instances(0).weight(), 0u);
  AdvanceBy(absl::Seconds(1));
  ASSERT_THAT(transport_.deregisters, SizeIs(1));
  EXPECT_EQ(transport_.deregisters[0].instances(0).id(), "w1");
  EXPECT_TRUE(Stream().open());
  EXPECT_EQ(StateOf(w2), RegistrationState::kRegistered);
}

TEST_F(RegistrationTest, ANewInstanceAfterDrainGetsASessionOfItsOwn) {
  Start();
  Register("web", "w1");
  Settle();
  core_->registrar().DrainAll();
  const auto w2 = Register("web", "w2");
  Settle();
  EXPECT_EQ(StateOf(w2), RegistrationState::kRegistered);
  EXPECT_NE(transport_.registers[0].session_id(), transport_.registers[1].session_id());
}

TEST_F(RegistrationTest, DeregisteringGivesUpInBoundedTimeWhenTheRegistryIsAway) {
  Start();
  const auto w1 = Register("web", "w1");
  AdvanceBy(absl::Seconds(1));
  transport_.TakeDown("a:1");
  absl::Status outcome = absl::OkStatus();
  bool done = false;
  core_->registrar().Remove(*w1, [&](absl::Status status) {
    outcome = status;
    done = true;
  });
  AdvanceBy(absl::Seconds(7));
  EXPECT_TRUE(done);
  EXPECT_EQ(outcome.code(), absl::StatusCode::kUnavailable);
}

TEST_F(RegistrationTest, StopDrainsAndDeregistersEverything) {
  Start();
  for (int i = 0; i < 5; ++i) Register("web", absl::StrCat("w", i));
  Register({.service = "db", .id = "d", .ttl = absl::Seconds(30)});
  AdvanceBy(absl::Seconds(1));
  bool stopped = false;
  core_->Stop([&] { stopped = true; });
  AdvanceBy(absl::Milliseconds(501));
  EXPECT_TRUE(stopped);
  EXPECT_THAT(transport_.deregisters, SizeIs(2));
  EXPECT_THAT(transport_.sessions, IsEmpty());
}

TEST_F(RegistrationTest, AnInstanceThatWasNeverRegisteredGoesWithoutARequest) {
  Start();
  transport_.TakeDown("a:1");
  const auto w1 = Register("web", "w1");
  bool done = false;
  core_->registrar().Remove(*w1, [&](const absl::Status&) { done = true; });
  Settle();
  EXPECT_TRUE(done);
}

TEST_F(RegistrationTest, AnAttemptThatWasGivenUpMayBeMadeAgainAtOnce) {
  Start();
  transport_.silent.insert("a:1");
  const auto given_up = Register("web", "w1");
  Settle();
  core_->registrar().Remove(*given_up, [](const absl::Status&) {});
  EXPECT_EQ(StateOf(given_up), RegistrationState::kEnded);
  const auto again = Register("web", "w1");
  transport_.silent.clear();
  AdvanceBy(absl::Seconds(10));
  EXPECT_EQ(StateOf(again), RegistrationState::kRegistered);
  EXPECT_EQ(transport_.sessions[SessionId()].held.count("web/w1"), 1u);
}

TEST_F(RegistrationTest, ARegistrationGivenUpInFlightIsTakenBack) {
  Start();
  const auto w1 = Register("web", "w1");
  Register("web", "w2");
  executor_->Post([&] { core_->registrar().Remove(*w1, [](const absl::Status&) {}); });
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(transport_.sessions[SessionId()].held.count("web/w1"), 0u);
  EXPECT_EQ(transport_.sessions[SessionId()].held.count("web/w2"), 1u);
}

TEST_F(RegistrationTest, ChangesAreSentAndKeptAcrossReRegistration) {
  Start();
  const auto w1 = Register({.service = "web", .id = "w1", .start_unready = true});
  AdvanceBy(absl::Seconds(2));
  EXPECT_TRUE(transport_.registers.back().instances(0).start_unready());
  core_->registrar().Change(*w1, [](v1::InstanceSpec& s) { s.set_start_unready(false); });
  Settle();
  EXPECT_FALSE(transport_.registers.back().instances(0).start_unready());
  Stream().Deliver(transport_.Ended(v1::CAUSE_SESSION_UNKNOWN));
  AdvanceBy(absl::Seconds(2));
  EXPECT_FALSE(transport_.registers.back().instances(0).start_unready());
  EXPECT_EQ(StateOf(w1), RegistrationState::kRegistered);
}

}  // namespace
}  // namespace rollcall
