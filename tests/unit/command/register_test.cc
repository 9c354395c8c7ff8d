#include "server/command/purge_commands.h"
#include "server/model/limits.h"
#include "server/model/times.h"
#include "tests/unit/command/command_fixture.h"

namespace rollcall::command {
namespace {

using ::testing::ElementsAre;
using enum absl::StatusCode;

TEST_F(CommandTest, RegisterOpensTheSessionAndItsInstancesInOneChange) {
  EXPECT_THAT(RegisterSpecs("s1", {SpecOf("web", "a"), SpecOf("db", "b")}), Changed());
  EXPECT_EQ(catalog_.applied(), Revision(11));
  EXPECT_EQ(OwnerOf("a"), "s1");
  EXPECT_EQ(OwnerOf("b", "db"), "s1");
  const auto session = catalog_.Session(SessionId("s1"));
  EXPECT_EQ(session->state(), internal::v1::SESSION_STATE_LIVE);
  EXPECT_EQ(FromProto(session->ttl()), absl::Seconds(10));
  EXPECT_EQ(session->home(), "node-1");
  EXPECT_EQ(StampOf("a").cause(), v1::CAUSE_REGISTERED);
}

TEST_F(CommandTest, TheSecretIsKeptAsItsHashOnly) {
  RegisterOne("s1", "a");
  EXPECT_EQ(catalog_.Session(SessionId("s1"))->SerializeAsString().find("s1-secret"),
            std::string::npos);
}

TEST_F(CommandTest, RegisteringAgainTheSameChangesNothingAndKeepsTheEpoch) {
  const Result first = RegisterOne("s1", "a");
  const Result second = RegisterOne("s1", "a");
  EXPECT_THAT(second, LeftAsItIs());
  EXPECT_EQ(second.epochs, first.epochs);
  EXPECT_EQ(catalog_.applied(), Revision(11));
}

TEST_F(CommandTest, RegisteringAgainReplacesWhatCannotBeRead) {
  RegisterOne("s1", "a");
  Damage(InstanceKeyOf(Name("web", "a")));
  EXPECT_THAT(RegisterOne("s1", "a"), Changed());
  EXPECT_FALSE(catalog_.Instance(Name("web", "a")).damaged);
}

TEST_F(CommandTest, OfSeveralInstancesOnlyTheChangedOneIsWritten) {
  const Result first = RegisterSpecs("s1", {SpecOf("web", "a"), SpecOf("web", "b")});
  v1::InstanceSpec changed = SpecOf("web", "b");
  changed.set_version("2");
  const Result second = RegisterSpecs("s1", {SpecOf("web", "a"), changed});
  EXPECT_THAT(second, Changed());
  EXPECT_EQ(second.epochs[0], first.epochs[0]);
  EXPECT_GT(second.epochs[1], first.epochs[1]);
  EXPECT_EQ(catalog_.Instance(Name("web", "a")).revision, Revision(11));
}

TEST_F(CommandTest, AnUpdateHasANewEpochAndTheOldCreateRevision) {
  const Result first = RegisterOne("s1", "a");
  v1::InstanceSpec changed = SpecOf("web", "a");
  changed.set_weight(7);
  const Result second = RegisterSpecs("s1", {changed});
  EXPECT_GT(second.epochs[0], first.epochs[0]);
  EXPECT_EQ(catalog_.Instance(Name("web", "a"))->create_revision(), 11u);
  EXPECT_EQ(StampOf("a").cause(), v1::CAUSE_UPDATED);
}

TEST_F(CommandTest, TheNewestProcessWinsAndTheOldSessionRemembers) {
  RegisterOne("old", "a");
  EXPECT_THAT(RegisterOne("new", "a"), Changed());
  EXPECT_EQ(OwnerOf("a"), "new");
  EXPECT_EQ(StampOf("a").cause(), v1::CAUSE_SUPERSEDED);
  EXPECT_EQ(LostBy("old"), 1u);
  EXPECT_EQ(StateOf("old"), internal::v1::SESSION_STATE_LIVE);
}

TEST_F(CommandTest, ADelayedOlderRegistrationIsRefused) {
  RegisterOne("old", "a");
  RegisterOne("new", "a");
  EXPECT_THAT(RegisterOne("old", "a"), Refused(kFailedPrecondition, "instance \"a\" of \"web\""));
  EXPECT_EQ(OwnerOf("a"), "new");
  // Also when the newer one is gone by now.
  Run(Deregister(Proof("new"), {Name("web", "a")}, false, {}));
  EXPECT_THAT(RegisterOne("old", "a"), Refused(kFailedPrecondition, "another process"));
  // Its other instances are not concerned.
  EXPECT_THAT(RegisterOne("old", "b"), Changed());
}

TEST_F(CommandTest, SeveralInstancesTakenFromOneSessionAreOneLossRecord) {
  RegisterSpecs("old", {SpecOf("web", "a"), SpecOf("web", "b")});
  RegisterOne("other", "c");
  RegisterSpecs("new", {SpecOf("web", "a"), SpecOf("web", "b"), SpecOf("web", "c")});
  EXPECT_EQ(LostBy("old"), 2u);
  EXPECT_EQ(LostBy("other"), 1u);
}

TEST_F(CommandTest, AnEndedSessionIsNotToldOfALossAnyMore) {
  RegisterOne("old", "a");
  Move("old", internal::v1::SESSION_STATE_ENDED);
  EXPECT_THAT(RegisterOne("new", "a"), Changed());
  EXPECT_EQ(LostBy("old"), 0u);
}

TEST_F(CommandTest, TheOldestLossIsForgottenWhenTheListIsFull) {
  for (size_t i = 0; i <= kMaxLostPerSession; ++i) {
    RegisterOne("old", absl::StrCat("i", i));
    RegisterOne("new", absl::StrCat("i", i));
  }
  EXPECT_EQ(LostBy("old"), kMaxLostPerSession);
  EXPECT_THAT(RegisterOne("old", "i1"), Refused(kFailedPrecondition, "i1"));
  EXPECT_THAT(RegisterOne("old", "i0"), Changed());
}

TEST_F(CommandTest, AWrongSecretIsRefusedAndRepeatsNothingOfIt) {
  RegisterOne("s1", "a");
  SessionClaim claim = Claim("s1");
  claim.secret = "guess";
  const Result result = Run(Register(claim, {SpecOf("web", "b")}, "tester"));
  EXPECT_THAT(result, Refused(kPermissionDenied, "session_secret"));
  EXPECT_EQ(std::string(result.status.message()).find("guess"), std::string::npos);
  EXPECT_EQ(OwnerOf("b"), "-");
}

TEST_F(CommandTest, AnEndedSessionRegistersNothing) {
  RegisterOne("s1", "a");
  Move("s1", internal::v1::SESSION_STATE_ENDED);
  EXPECT_THAT(RegisterOne("s1", "b"), Refused(kFailedPrecondition, "has ended (EXPIRED)"));
}

TEST_F(CommandTest, AnUnknownSessionIsNotFoundUnlessItIsToBeOpened) {
  SessionClaim claim = Claim("s1");
  claim.open_ttl.reset();
  EXPECT_THAT(Run(Register(claim, {SpecOf("web", "a")}, "tester")),
              Refused(kNotFound, "open=true"));
}

TEST_F(CommandTest, OpeningAnOpenSessionKeepsItsTtl) {
  RegisterOne("s1", "a");
  SessionClaim claim = Claim("s1");
  claim.open_ttl = absl::Minutes(5);
  Register again(claim, {SpecOf("web", "b")}, "tester");
  EXPECT_THAT(Run(static_cast<Command&>(again)), Changed());
  EXPECT_EQ(again.ttl(), absl::Seconds(10));
}

TEST_F(CommandTest, AStaticInstanceHasNoSession) {
  EXPECT_THAT(RegisterStatic("a"), Changed());
  EXPECT_EQ(OwnerOf("a"), "");
  EXPECT_EQ(catalog_.session_count(), 0u);
  EXPECT_THAT(RegisterStatic("a"), LeftAsItIs());
}

TEST_F(CommandTest, StaticAndEphemeralTakeEachOthersPlace) {
  RegisterOne("s1", "a");
  EXPECT_THAT(RegisterStatic("a"), Changed());
  EXPECT_EQ(OwnerOf("a"), "");
  EXPECT_THAT(RegisterOne("s1", "a"), Refused(kFailedPrecondition, "took it"));
  EXPECT_THAT(RegisterOne("s2", "a"), Changed());
  EXPECT_EQ(OwnerOf("a"), "s2");
}

// The lock that is taken for the session must be that of a writer, or two such requests meet in one
// group; and nobody loses to itself.
TEST_F(CommandTest, ASessionThatMakesItsOwnInstanceStaticLosesNothing) {
  RegisterSpecs("s1", {SpecOf("web", "a"), SpecOf("web", "b")});
  EXPECT_THAT(RegisterSpecs("s1", {StaticSpecOf("web", "a"), SpecOf("web", "c")}), Changed());
  EXPECT_EQ(OwnerOf("a"), "");
  EXPECT_EQ(LostBy("s1"), 0u);
  EXPECT_EQ(StampOf("a").cause(), v1::CAUSE_UPDATED);
  EXPECT_THAT(RegisterOne("s1", "a"), Changed());
  EXPECT_EQ(OwnerOf("a"), "s1");
}

TEST_F(CommandTest, ASessionHoldsNoMoreThanItsLimit) {
  std::vector<v1::InstanceSpec> specs;
  for (size_t i = 0; i < kMaxInstancesPerSession; ++i) {
    specs.push_back(SpecOf("web", absl::StrCat("i", i)));
  }
  EXPECT_THAT(RegisterSpecs("s1", specs), Changed());
  EXPECT_THAT(RegisterOne("s1", "one-more"), Refused(kResourceExhausted, "10000"));
  EXPECT_THAT(RegisterOne("s1", "i5"), LeftAsItIs());
}

TEST_F(CommandTest, EpochsNeverRepeatEvenAfterThePurge) {
  uint64_t last = 0;
  for (int round = 0; round < 5; ++round) {
    const std::string session = absl::StrCat("s", round);
    const Result result = RegisterOne(session, "a");
    EXPECT_GT(result.epochs[0], last);
    last = result.epochs[0];
    Run(Deregister(Proof(session), {}, true, {}));
    const auto tombstones = catalog_.PurgeableUpTo(catalog_.applied(), 100);
    Run(RaiseHorizon(catalog_.applied(), "node-1"));
    for (const auto& [key, revision] : tombstones) Run(PurgeTombstone(key, revision));
    ASSERT_FALSE(catalog_.Instance(Name("web", "a")).exists());
  }
}

// A store that was restored holds epochs of another one's revisions, which its own begin far below.
TEST_F(CommandTest, EpochsGoOnAboveThoseOfTheStoreBefore) {
  internal::v1::HorizonRecord horizon;
  horizon.set_lease_epoch_base(5000);
  ASSERT_TRUE(catalog_.Apply(kHorizonKey, Revision(1), horizon.SerializeAsString()).ok());
  const Result first = RegisterOne("s1", "a");
  EXPECT_GT(first.epochs[0], 5000u);
  const Result second = RegisterOne("s2", "a");
  EXPECT_GT(second.epochs[0], first.epochs[0]);
  EXPECT_EQ(catalog_.Session(SessionId("s1"))->lost(0).lease_epoch(), second.epochs[0]);
}

TEST_F(CommandTest, ThePurgeKeepsTheBaseOfTheEpochs) {
  internal::v1::HorizonRecord horizon;
  horizon.set_lease_epoch_base(5000);
  ASSERT_TRUE(catalog_.Apply(kHorizonKey, Revision(0), horizon.SerializeAsString()).ok());
  uint64_t last = RegisterOne("s1", "a").epochs[0];
  Run(Deregister(Proof("s1"), {}, true, {}));
  const auto tombstones = catalog_.PurgeableUpTo(catalog_.applied(), 100);
  Run(RaiseHorizon(catalog_.applied(), "node-1"));
  for (const auto& [key, revision] : tombstones) Run(PurgeTombstone(key, revision));
  ASSERT_FALSE(catalog_.Instance(Name("web", "a")).exists());
  EXPECT_GT(RegisterOne("s2", "a").epochs[0], last);
}

TEST_F(CommandTest, AnEpochIsAboveThatOfTheRecordThatStands) {
  const auto record = rollcall::testing::InstanceOf(SpecOf("web", "a"), "gone", 7000);
  ASSERT_TRUE(
      catalog_.Apply(InstanceKeyOf(Name("web", "a")), Revision(0), record.SerializeAsString())
          .ok());
  catalog_.Publish(catalog_.applied());
  EXPECT_EQ(RegisterOne("s1", "a").epochs, std::vector<uint64_t>{7001});
}

}  // namespace
}  // namespace rollcall::command
