// Deregister, RemoveInstance, EndSession, RemoveOrphans, MoveSession.
#include "server/model/limits.h"
#include "tests/unit/command/command_fixture.h"

namespace rollcall::command {
namespace {

using enum absl::StatusCode;

const Reason kByOwner{v1::CAUSE_DEREGISTERED, "10.0.0.9", "its owner deregistered it"};
const Reason kByOperator{v1::CAUSE_REMOVED, "ada", "wrong port"};

TEST_F(CommandTest, DeregisterRemovesWhatItNames) {
  RegisterSpecs("s1", {SpecOf("web", "a"), SpecOf("web", "b")});
  EXPECT_THAT(Run(Deregister(Proof("s1"), {Name("web", "a")}, false, kByOwner)), Changed());
  EXPECT_EQ(OwnerOf("a"), "-");
  EXPECT_EQ(OwnerOf("b"), "s1");
  EXPECT_EQ(StateOf("s1"), kLive);
  EXPECT_EQ(StampOf("a").cause(), v1::CAUSE_DEREGISTERED);
  EXPECT_EQ(StampOf("a").actor(), "s1-client");
}

TEST_F(CommandTest, DeregisteringAgainChangesNothing) {
  RegisterOne("s1", "a");
  Run(Deregister(Proof("s1"), {Name("web", "a")}, false, kByOwner));
  EXPECT_THAT(Run(Deregister(Proof("s1"), {Name("web", "a")}, false, kByOwner)), LeftAsItIs());
}

TEST_F(CommandTest, AnInstanceThatIsNamedTwiceIsRemovedOnce) {
  RegisterOne("s1", "a");
  EXPECT_THAT(Run(Deregister(Proof("s1"), {Name("web", "a"), Name("web", "a")}, false, kByOwner)),
              Changed());
}

TEST_F(CommandTest, DeregisterLeavesToANewerProcessWhatItTook) {
  RegisterOne("old", "a");
  RegisterOne("new", "a");
  EXPECT_THAT(Run(Deregister(Proof("old"), {Name("web", "a")}, false, kByOwner)), LeftAsItIs());
  EXPECT_EQ(OwnerOf("a"), "new");
}

TEST_F(CommandTest, DeregisterNeedsTheSecret) {
  RegisterOne("s1", "a");
  EXPECT_THAT(Run(Deregister(SessionProof{SessionId("s1"), "guess"}, {}, true, kByOwner)),
              Refused(kPermissionDenied, "session_secret"));
  EXPECT_THAT(Run(Deregister(std::nullopt, {Name("web", "a")}, false, kByOwner)),
              Refused(kPermissionDenied, "instance \"a\" of \"web\" belongs to a session"));
  EXPECT_THAT(Run(Deregister(Proof("unknown"), {}, true, kByOwner)), Refused(kNotFound, "unknown"));
}

TEST_F(CommandTest, AStaticInstanceIsDeregisteredByName) {
  RegisterStatic("a");
  EXPECT_THAT(Run(Deregister(std::nullopt, {Name("web", "a")}, false, kByOwner)), Changed());
  EXPECT_EQ(OwnerOf("a"), "-");
}

TEST_F(CommandTest, EndingASmallSessionTakesAllItHoldsInOneChange) {
  RegisterSpecs("s1", {SpecOf("web", "a"), SpecOf("web", "b")});
  const Revision before = catalog_.applied();
  EXPECT_THAT(Run(Deregister(Proof("s1"), {}, true, kByOwner)), Changed());
  EXPECT_EQ(catalog_.applied(), Revision(before.value() + 1));
  EXPECT_EQ(StateOf("s1"), kEnded);
  EXPECT_EQ(OwnerOf("a"), "-");
  EXPECT_EQ(OwnerOf("b"), "-");
  EXPECT_THAT(Run(Deregister(Proof("s1"), {}, true, kByOwner)), LeftAsItIs());
}

TEST_F(CommandTest, ALargeSessionIsEndedFirstAndItsInstancesFollow) {
  std::vector<v1::InstanceSpec> specs;
  for (size_t i = 0; i <= kAtomicRegistrationInstances; ++i) {
    specs.push_back(SpecOf("web", absl::StrCat("i", i)));
  }
  RegisterSpecs("s1", specs);
  EXPECT_THAT(Run(Deregister(Proof("s1"), {}, true, kByOwner)), Changed());
  EXPECT_EQ(StateOf("s1"), kEnded);
  EXPECT_EQ(OwnerOf("i0"), "s1");
  EXPECT_THAT(Run(RemoveOrphans(SessionId("s1"), {Name("web", "i0")})), Changed());
  EXPECT_EQ(OwnerOf("i0"), "-");
  EXPECT_EQ(StampOf("i0").cause(), v1::CAUSE_DEREGISTERED);
}

TEST_F(CommandTest, ASessionThatExpiresTakesItsInstancesWithIt) {
  RegisterSpecs("s1", {SpecOf("web", "a"), SpecOf("web", "b"), SpecOf("web", "c")});
  RegisterOne("s2", "b");
  const Revision before = catalog_.applied();
  EXPECT_THAT(
      Run(EndSession(SessionId("s1"), {v1::CAUSE_EXPIRED, "node-1", "silent"}, NodeId("node-1"))),
      Changed());
  EXPECT_EQ(catalog_.applied(), Revision(before.value() + 1));
  EXPECT_EQ(StateOf("s1"), kEnded);
  EXPECT_EQ(OwnerOf("a"), "-");
  EXPECT_EQ(OwnerOf("b"), "s2") << "a newer process holds it";
  EXPECT_EQ(OwnerOf("c"), "-");
  EXPECT_EQ(StampOf("a").cause(), v1::CAUSE_EXPIRED);
  EXPECT_EQ(StampOf("a").evidence(), "silent");
}

TEST_F(CommandTest, OfALargeSessionThatExpiresTheInstancesAreLeft) {
  std::vector<v1::InstanceSpec> specs;
  for (size_t i = 0; i <= kAtomicRegistrationInstances; ++i) {
    specs.push_back(SpecOf("web", absl::StrCat("i", i)));
  }
  RegisterSpecs("s1", specs);
  EXPECT_THAT(
      Run(EndSession(SessionId("s1"), {v1::CAUSE_EXPIRED, "node-1", "silent"}, NodeId("node-1"))),
      Changed());
  EXPECT_EQ(StateOf("s1"), kEnded);
  EXPECT_EQ(OwnerOf("i0"), "s1");
}

TEST_F(CommandTest, AnOperatorRemovesWhateverTheOwner) {
  RegisterOne("s1", "a");
  RegisterStatic("b");
  EXPECT_THAT(Run(RemoveInstance(Name("web", "a"), kByOperator)), Changed());
  EXPECT_THAT(Run(RemoveInstance(Name("web", "b"), kByOperator)), Changed());
  EXPECT_EQ(StampOf("a").cause(), v1::CAUSE_REMOVED);
  EXPECT_EQ(StampOf("a").evidence(), "wrong port");
  EXPECT_EQ(StateOf("s1"), kLive);
  EXPECT_THAT(Run(RemoveInstance(Name("web", "a"), kByOperator)), Refused(kNotFound, "\"a\""));
}

TEST_F(CommandTest, WhatAnOperatorRemovedTheSameSessionMayNotRegisterAgain) {
  RegisterOne("s1", "a");
  Run(RemoveInstance(Name("web", "a"), kByOperator));
  EXPECT_THAT(RegisterOne("s1", "a"), Refused(kFailedPrecondition, "an operator"));
  EXPECT_THAT(RegisterOne("s2", "a"), Changed());
}

TEST_F(CommandTest, AnOrphanGoesWithTheCauseThatEndedItsSession) {
  RegisterOne("s1", "a");
  EXPECT_THAT(Run(RemoveOrphans(SessionId("s1"), {Name("web", "a")})),
              Refused(kFailedPrecondition, "has not ended"));
  Move("s1", kEnded, v1::CAUSE_EXPIRED);
  EXPECT_THAT(Run(RemoveOrphans(SessionId("s1"), {Name("web", "a")})), Changed());
  EXPECT_EQ(StampOf("a").cause(), v1::CAUSE_EXPIRED);
  EXPECT_EQ(StampOf("a").evidence(), "seen");
  EXPECT_THAT(Run(RemoveOrphans(SessionId("s1"), {Name("web", "a")})), LeftAsItIs());
}

TEST_F(CommandTest, AnOrphanThatFoundANewOwnerStays) {
  RegisterOne("s1", "a");
  Move("s1", kEnded);
  RegisterOne("s2", "a");
  EXPECT_THAT(Run(RemoveOrphans(SessionId("s1"), {Name("web", "a")})), LeftAsItIs());
  EXPECT_EQ(OwnerOf("a"), "s2");
}

TEST_F(CommandTest, ATombstoneKeepsWhatHistoryNeedsAndNoMore) {
  v1::InstanceSpec spec = SpecOf("web", "a");
  spec.mutable_locality()->set_zone("z1");
  (*spec.mutable_metadata())["k"] = "v";
  const Result registered = RegisterSpecs("s1", {spec});
  Run(Deregister(Proof("s1"), {Name("web", "a")}, false, kByOwner));
  const auto tombstone = catalog_.Instance(Name("web", "a"));
  EXPECT_TRUE(tombstone->removed());
  EXPECT_EQ(tombstone->session_id(), "s1");
  EXPECT_EQ(tombstone->lease_epoch(), registered.epochs[0]);
}

struct Step {
  SessionState from;
  SessionState to;
  char answer;  // x: changes; =: is so already; -: impossible
};

TEST_F(CommandTest, SessionsMoveAsTheTableSays) {
  const Step kTable[] = {
      {kLive, kLive, '='},       {kLive, kSuspect, 'x'},    {kLive, kLeaving, 'x'},
      {kLive, kEnded, 'x'},      {kSuspect, kLive, 'x'},    {kSuspect, kSuspect, '='},
      {kSuspect, kLeaving, 'x'}, {kSuspect, kEnded, 'x'},   {kLeaving, kLive, '-'},
      {kLeaving, kSuspect, 'x'}, {kLeaving, kLeaving, '='}, {kLeaving, kEnded, 'x'},
      {kEnded, kLive, '-'},      {kEnded, kSuspect, '-'},   {kEnded, kLeaving, '-'},
      {kEnded, kEnded, '='},
  };
  int number = 0;
  for (const Step& step : kTable) {
    const std::string session = absl::StrCat("s", ++number);
    RegisterOne(session, session);
    if (step.from != kLive) Move(session, step.from);
    const Result result = Move(session, step.to);
    SCOPED_TRACE(absl::StrCat(internal::v1::SessionState_Name(step.from), " to ",
                              internal::v1::SessionState_Name(step.to)));
    EXPECT_EQ(StateOf(session), step.answer == '-' ? step.from : step.to);
    switch (step.answer) {
      case 'x':
        EXPECT_THAT(result, Changed());
        break;
      case '=':
        EXPECT_THAT(result, LeftAsItIs());
        break;
      default:
        EXPECT_THAT(result, Refused(kFailedPrecondition, session));
    }
  }
  EXPECT_THAT(Move("nobody", kEnded), Refused(kNotFound, "nobody"));
}

}  // namespace
}  // namespace rollcall::command
