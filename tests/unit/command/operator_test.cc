// Overrides, service specifications, and the purge.
#include "server/command/operator_commands.h"

#include "server/command/purge_commands.h"
#include "server/model/times.h"
#include "tests/unit/command/command_fixture.h"

namespace rollcall::command {
namespace {

using enum absl::StatusCode;

const Reason kAda{v1::CAUSE_OVERRIDE_SET, "ada", "deploy"};

SetOverride::Wish Drain(const std::string& id) {
  return {.name = Name("web", id), .mode = v1::OVERRIDE_MODE_DRAINING, .reason = "deploy"};
}

TEST_F(CommandTest, AnOverrideIsItsOwnRecordAndNeedsNoInstance) {
  EXPECT_THAT(Run(SetOverride(Drain("a"), kAda)), Changed());
  const auto over = catalog_.Override(Name("web", "a"));
  EXPECT_EQ(over->mode(), v1::OVERRIDE_MODE_DRAINING);
  EXPECT_EQ(over->stamp().actor(), "ada");
  EXPECT_FALSE(over->has_weight());
}

TEST_F(CommandTest, AnOverrideThatMustHaveAnInstanceIsRefusedWithoutOne) {
  SetOverride::Wish wish = Drain("a");
  wish.must_exist = true;
  EXPECT_THAT(Run(SetOverride(wish, kAda)), Refused(kNotFound, "\"a\" of \"web\""));
  RegisterOne("s1", "a");
  EXPECT_THAT(Run(SetOverride(wish, kAda)), Changed());
}

TEST_F(CommandTest, ARegistrationDoesNotUndoAnOverride) {
  RegisterOne("s1", "a");
  Run(SetOverride(Drain("a"), kAda));
  v1::InstanceSpec changed = SpecOf("web", "a");
  changed.set_version("2");
  RegisterSpecs("s1", {changed});
  RegisterOne("s2", "a");
  EXPECT_EQ(views_.Find({"default", "web"})->counts[v1::STANDING_DRAINING], 1u);
}

TEST_F(CommandTest, TheSameOverrideAgainChangesNothingUnlessItHasAnEnd) {
  Run(SetOverride(Drain("a"), kAda));
  EXPECT_THAT(Run(SetOverride(Drain("a"), kAda)), LeftAsItIs());
  SetOverride::Wish heavier = Drain("a");
  heavier.weight = 0;
  EXPECT_THAT(Run(SetOverride(heavier, kAda)), Changed());
  SetOverride::Wish ends = Drain("a");
  ends.duration = absl::Minutes(5);
  EXPECT_THAT(Run(SetOverride(ends, kAda)), Changed());
  EXPECT_EQ(FromProto(catalog_.Override(Name("web", "a"))->expires()), now_ + absl::Minutes(5));
  EXPECT_THAT(Run(SetOverride(ends, kAda)), Changed());
}

TEST_F(CommandTest, ClearingWhatIsNotThereChangesNothing) {
  const Reason why{v1::CAUSE_OVERRIDE_CLEARED, "ada", ""};
  EXPECT_THAT(Run(ClearOverride(Name("web", "a"), false, why)), LeftAsItIs());
  Run(SetOverride(Drain("a"), kAda));
  EXPECT_THAT(Run(ClearOverride(Name("web", "a"), false, why)), Changed());
  EXPECT_THAT(Run(ClearOverride(Name("web", "a"), false, why)), LeftAsItIs());
  EXPECT_TRUE(catalog_.Overrides().empty());
}

TEST_F(CommandTest, AnOverrideExpiresNotBeforeItsEnd) {
  const Reason why{v1::CAUSE_OVERRIDE_EXPIRED, "node-1", ""};
  SetOverride::Wish ends = Drain("a");
  ends.duration = absl::Minutes(5);
  Run(SetOverride(ends, kAda));
  Run(SetOverride(Drain("for-ever"), kAda));
  now_ += absl::Minutes(5) - absl::Nanoseconds(1);
  EXPECT_THAT(Run(ClearOverride(Name("web", "a"), true, why)), LeftAsItIs());
  now_ += absl::Nanoseconds(1);
  EXPECT_THAT(Run(ClearOverride(Name("web", "a"), true, why)), Changed());
  now_ += absl::Hours(10000);
  EXPECT_THAT(Run(ClearOverride(Name("web", "for-ever"), true, why)), LeftAsItIs());
}

TEST_F(CommandTest, AServiceSpecIsPutChangedAndDeleted) {
  const ServiceName web{"default", "web"};
  const Reason why{v1::CAUSE_SPEC_CHANGED, "ada", ""};
  v1::ServiceSpec spec;
  spec.set_namespace_("default");
  spec.set_service("web");
  spec.mutable_eviction_brake()->set_share(0.5);
  EXPECT_THAT(Run(PutService(web, std::nullopt, why)), Refused(kNotFound, "\"web\""));
  EXPECT_THAT(Run(PutService(web, spec, why)), Changed());
  EXPECT_THAT(Run(PutService(web, spec, why)), LeftAsItIs());
  spec.mutable_eviction_brake()->set_share(0.6);
  EXPECT_THAT(Run(PutService(web, spec, why)), Changed());
  EXPECT_THAT(Run(PutService(web, std::nullopt, why)), Changed());
  EXPECT_TRUE(catalog_.Service(web)->removed());
  EXPECT_THAT(Run(PutService(web, std::nullopt, why)), Refused(kNotFound, "\"web\""));
  EXPECT_THAT(Run(PutService(web, spec, why)), Changed());
}

TEST_F(CommandTest, TheHorizonOnlyRises) {
  EXPECT_THAT(Run(RaiseHorizon(Revision(5), "node-1")), Changed());
  EXPECT_THAT(Run(RaiseHorizon(Revision(5), "node-1")), LeftAsItIs());
  EXPECT_THAT(Run(RaiseHorizon(Revision(4), "node-1")), LeftAsItIs());
  EXPECT_THAT(Run(RaiseHorizon(Revision(6), "node-1")), Changed());
  EXPECT_EQ(catalog_.Horizon()->revision(), 6u);
}

TEST_F(CommandTest, ATombstoneGoesOnlyBelowTheHorizonAndOnlyIfItStillStands) {
  const std::string key = InstanceKeyOf(Name("web", "a"));
  RegisterOne("s1", "a");
  Run(Deregister(Proof("s1"), {Name("web", "a")}, false, {}));
  const Revision removed = catalog_.applied();
  EXPECT_THAT(Run(PurgeTombstone(key, removed)), Refused(kFailedPrecondition, "horizon"));
  Run(RaiseHorizon(removed, "node-1"));
  EXPECT_THAT(Run(PurgeTombstone(key, removed)), Changed());
  EXPECT_FALSE(catalog_.Instance(Name("web", "a")).exists());
  EXPECT_THAT(Run(PurgeTombstone(key, removed)), LeftAsItIs());
}

TEST_F(CommandTest, WhatWasRegisteredAgainIsNotPurged) {
  RegisterOne("s1", "a");
  Run(Deregister(Proof("s1"), {Name("web", "a")}, false, {}));
  const Revision removed = catalog_.applied();
  RegisterOne("s2", "a");
  Run(RaiseHorizon(removed, "node-1"));
  EXPECT_THAT(Run(PurgeTombstone(InstanceKeyOf(Name("web", "a")), removed)), LeftAsItIs());
  EXPECT_EQ(OwnerOf("a"), "s2");
}

TEST_F(CommandTest, EveryKindOfTombstoneCanBePurged) {
  RegisterOne("s1", "a");
  Run(Deregister(Proof("s1"), {}, true, {}));
  Run(SetOverride(Drain("a"), kAda));
  Run(ClearOverride(Name("web", "a"), false, kAda));
  v1::ServiceSpec spec;
  spec.set_namespace_("default");
  spec.set_service("web");
  Run(PutService({"default", "web"}, spec, kAda));
  Run(PutService({"default", "web"}, std::nullopt, kAda));
  const auto found = catalog_.PurgeableUpTo(catalog_.applied(), 100);
  EXPECT_EQ(found.size(), 4u);
  Run(RaiseHorizon(catalog_.applied(), "node-1"));
  for (const auto& tombstone : found) {
    EXPECT_THAT(Run(PurgeTombstone(tombstone.key, tombstone.revision)), Changed()) << tombstone.key;
  }
  EXPECT_TRUE(catalog_.PurgeableUpTo(catalog_.applied(), 100).empty());
}

}  // namespace
}  // namespace rollcall::command
