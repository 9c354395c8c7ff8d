#include "server/catalog/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/catalog/instance_encoder.h"
#include "server/model/keys.h"
#include "tests/support/records.h"

namespace rollcall::catalog {
namespace {

using internal::v1::SESSION_STATE_ENDED;
using internal::v1::SESSION_STATE_LEAVING;
using internal::v1::SESSION_STATE_LIVE;
using internal::v1::SESSION_STATE_SUSPECT;
using rollcall::testing::InstanceOf;
using rollcall::testing::Name;
using rollcall::testing::SessionOf;
using rollcall::testing::SpecOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CatalogTest : public ::testing::Test {
 protected:
  template <typename R>
  void Put(const std::string& key, const R& record) {
    ASSERT_TRUE(catalog_.Apply(key, Revision(next_), record.SerializeAsString()).ok());
  }
  Happened Commit() { return catalog_.Publish(Revision(next_++)); }
  void Register(const std::string& id, const std::string& session) {
    Put(InstanceKeyOf(Name("web", id)), InstanceOf(SpecOf("web", id), session, next_));
  }
  void SetSession(const std::string& id, internal::v1::SessionState state) {
    Put(SessionKeyOf(SessionId(id)), SessionOf(id, state));
  }
  void Remove(const std::string& id) {
    internal::v1::InstanceRecord record = InstanceOf(SpecOf("web", id), "", next_);
    record.set_removed(true);
    record.mutable_stamp()->set_cause(v1::CAUSE_EXPIRED);
    record.mutable_stamp()->mutable_time()->set_seconds(77);
    Put(InstanceKeyOf(Name("web", id)), record);
  }
  std::shared_ptr<const ServiceSnapshot> Web() { return views_.Find({kDefaultNamespace, "web"}); }
  v1::Instance Told(const std::string& id) {
    for (const auto& live : Web()->instances) {
      if (live->id() == id) return live->Told();
    }
    return {};
  }

  ViewTable views_{StoreId("store")};
  Catalog catalog_{views_};
  uint64_t next_ = 1;
};

TEST_F(CatalogTest, RegisteredInstanceIsPublishedWithItsStanding) {
  SetSession("s1", SESSION_STATE_LIVE);
  Register("a", "s1");
  const Happened happened = Commit();
  ASSERT_EQ(happened.standings.size(), 1u);
  EXPECT_EQ(happened.standings[0].from, v1::STANDING_UNSPECIFIED);
  EXPECT_EQ(happened.standings[0].to, v1::STANDING_PASSING);
  const v1::Instance told = Told("a");
  EXPECT_EQ(told.standing(), v1::STANDING_PASSING);
  EXPECT_EQ(told.spec().endpoints(0).port(), 80u);
  EXPECT_EQ(told.create_revision(), 1u);
  EXPECT_EQ(told.effective_weight(), 100u);
  EXPECT_EQ(told.last_change().cause(), v1::CAUSE_REGISTERED);
  EXPECT_EQ(views_.applied(), Revision(1));
}

TEST_F(CatalogTest, SessionsSuspicionIsOneWriteAndChangesEveryInstance) {
  SetSession("s1", SESSION_STATE_LIVE);
  for (const char* id : {"a", "b", "c"}) Register(id, "s1");
  Commit();
  SetSession("s1", SESSION_STATE_SUSPECT);
  const Happened happened = Commit();
  EXPECT_EQ(happened.standings.size(), 3u);
  EXPECT_EQ(Web()->counts[v1::STANDING_SUSPECT], 3u);
  EXPECT_EQ(Told("b").revision(), 2u);
  EXPECT_EQ(Told("b").lease_epoch(), 1u);
}

TEST_F(CatalogTest, InstanceWhoseSessionIsEndedOrAbsentIsAtBestSuspect) {
  Register("orphan", "nobody");
  Commit();
  EXPECT_EQ(Told("orphan").standing(), v1::STANDING_SUSPECT);
  EXPECT_THAT(catalog_.OrphanedSessions(), ElementsAre(SessionId("nobody")));
  SetSession("nobody", SESSION_STATE_LIVE);
  Commit();
  EXPECT_EQ(Told("orphan").standing(), v1::STANDING_PASSING);
  SetSession("nobody", SESSION_STATE_ENDED);
  Commit();
  EXPECT_EQ(Told("orphan").standing(), v1::STANDING_SUSPECT);
}

TEST_F(CatalogTest, OverrideIsMergedAndSurvivesRegistration) {
  SetSession("s1", SESSION_STATE_LIVE);
  Register("a", "s1");
  Commit();
  internal::v1::OverrideRecord over;
  over.set_mode(v1::OVERRIDE_MODE_DRAINING);
  over.set_weight(3);
  Put(OverrideKeyOf(Name("web", "a")), over);
  Commit();
  EXPECT_EQ(Told("a").standing(), v1::STANDING_DRAINING);
  EXPECT_EQ(Told("a").effective_weight(), 3u);
  Register("a", "s1");
  Commit();
  EXPECT_EQ(Told("a").standing(), v1::STANDING_DRAINING);
  EXPECT_EQ(Told("a").revision(), 3u);
  over.Clear();
  over.set_removed(true);
  Put(OverrideKeyOf(Name("web", "a")), over);
  Commit();
  EXPECT_EQ(Told("a").standing(), v1::STANDING_PASSING);
  EXPECT_EQ(Told("a").revision(), 4u);
}

TEST_F(CatalogTest, RemovedInstanceIsRememberedUntilPurged) {
  SetSession("s1", SESSION_STATE_LIVE);
  Register("a", "s1");
  Register("b", "s1");
  Commit();
  Remove("a");
  const Happened happened = Commit();
  ASSERT_EQ(happened.standings.size(), 1u);
  EXPECT_EQ(happened.standings[0].to, v1::STANDING_UNSPECIFIED);
  ASSERT_EQ(Web()->instances.size(), 1u);
  ASSERT_EQ(Web()->by_revision.size(), 2u);
  EXPECT_TRUE(Web()->by_revision[0]->removed());
  EXPECT_EQ(Web()->by_revision[0]->LastStamp().cause(), v1::CAUSE_EXPIRED);
  EXPECT_EQ(Web()->by_revision[0]->LastStamp().time().seconds(), 77);
  ASSERT_TRUE(catalog_.Apply(InstanceKeyOf(Name("web", "a")), Revision(3), std::nullopt).ok());
  next_ = 4;
  Commit();
  EXPECT_EQ(Web()->by_revision.size(), 1u);
}

TEST_F(CatalogTest, ServiceWithNothingLeftIsForgotten) {
  Remove("a");
  Commit();
  EXPECT_NE(Web(), nullptr);
  ASSERT_TRUE(catalog_.Apply(InstanceKeyOf(Name("web", "a")), Revision(2), std::nullopt).ok());
  Commit();
  EXPECT_EQ(Web(), nullptr);
}

TEST_F(CatalogTest, UnreadableRecordIsRefusedAndTheOldOneStands) {
  SetSession("s1", SESSION_STATE_LIVE);
  Register("a", "s1");
  Commit();
  EXPECT_EQ(catalog_.Apply(InstanceKeyOf(Name("web", "a")), Revision(2), "\xff\xff").code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(catalog_.Apply("nonsense", Revision(2), "x").code(), absl::StatusCode::kDataLoss);
  Commit();
  EXPECT_EQ(Told("a").standing(), v1::STANDING_PASSING);
}

// Else whoever writes it guards on what is there no more, and never gets to.
TEST_F(CatalogTest, ARecordThatCannotBeReadHasTheRevisionThatWroteItAndCanBeReplaced) {
  SetSession("s1", SESSION_STATE_LIVE);
  Register("a", "s1");
  Commit();
  const Revision good = catalog_.Instance(Name("web", "a")).revision;
  for (const char* id : {"a", "b"}) {
    const std::string key = InstanceKeyOf(Name("web", id));
    EXPECT_FALSE(catalog_.Apply(key, Revision(40), "\xff\xff").ok());
    EXPECT_EQ(catalog_.RevisionOf(key), Revision(40));
  }
  EXPECT_GT(Revision(40), good);
  EXPECT_EQ(catalog_.Instance(Name("web", "a")).revision, Revision(40));
  EXPECT_EQ(catalog_.Instance(Name("web", "a"))->session_id(), "s1") << "as it was";
  EXPECT_EQ(catalog_.Instance(Name("web", "b")).revision, Revision(40));
  EXPECT_FALSE(catalog_.Instance(Name("web", "b")).exists());
  EXPECT_TRUE(catalog_.Instance(Name("web", "a")).damaged);
  EXPECT_EQ(catalog_.InstanceCountOf(SessionId("s1")), 1u);
  EXPECT_FALSE(catalog_.Override(Name("web", "a")).damaged);
  std::map<std::string, Revision> keys;
  catalog_.ForEachKey([&](const std::string& key, Revision at) {
    EXPECT_TRUE(keys.emplace(key, at).second) << key << " twice";
  });
  EXPECT_EQ(keys.at(InstanceKeyOf(Name("web", "b"))), Revision(40));

  Register("b", "s1");
  Commit();
  EXPECT_TRUE(catalog_.Instance(Name("web", "b")).exists());
  EXPECT_NE(catalog_.Instance(Name("web", "b")).revision, Revision(40));
  EXPECT_TRUE(catalog_.Apply(InstanceKeyOf(Name("web", "a")), Revision(41), std::nullopt).ok());
  EXPECT_EQ(catalog_.Instance(Name("web", "a")).revision, Revision(0));
}

TEST_F(CatalogTest, ATombstoneThatWasOverwrittenByWhatCannotBeReadIsNotPurged) {
  SetSession("s1", SESSION_STATE_ENDED);
  Commit();
  ASSERT_EQ(catalog_.PurgeableUpTo(Revision(90), 100).size(), 1u);
  EXPECT_FALSE(catalog_.Apply(SessionKeyOf(SessionId("s1")), Revision(80), "\xff\xff").ok());
  EXPECT_THAT(catalog_.PurgeableUpTo(Revision(90), 100), IsEmpty());
}

TEST_F(CatalogTest, PurgeSparesWhatOthersStillReferTo) {
  SetSession("s1", SESSION_STATE_ENDED);
  Register("a", "s1");
  internal::v1::OverrideRecord over;
  over.set_removed(true);
  Put(OverrideKeyOf(Name("web", "a")), over);
  Commit();
  EXPECT_THAT(catalog_.PurgeableUpTo(Revision(9), 100), IsEmpty());
  Remove("a");
  Commit();
  EXPECT_EQ(catalog_.PurgeableUpTo(Revision(9), 100).size(), 3u);
  EXPECT_EQ(catalog_.PurgeableUpTo(Revision(1), 100).size(), 2u);
  EXPECT_EQ(catalog_.PurgeableUpTo(Revision(9), 1).size(), 1u);
}

TEST_F(CatalogTest, SnapshotsAlreadyPublishedDoNotChange) {
  SetSession("s1", SESSION_STATE_LIVE);
  Register("a", "s1");
  Commit();
  const auto before = Web();
  SetSession("s1", SESSION_STATE_LEAVING);
  Register("b", "s1");
  Commit();
  ASSERT_EQ(before->instances.size(), 1u);
  EXPECT_EQ(before->instances[0]->standing(), v1::STANDING_PASSING);
}

class SessionStateTest : public CatalogTest {
 protected:
  SessionStateTest() {
    SetSession("s1", SESSION_STATE_LIVE);
    for (const char* id : {"a", "b"}) Register(id, "s1");
    Commit();
  }
  // As who moves a home writes it: the state is still that of `since`.
  Happened MoveHome(const std::string& id, const std::string& home, uint64_t since) {
    internal::v1::SessionRecord record = SessionOf(id, catalog_.SessionStateOf(SessionId(id)));
    record.set_home(home);
    record.set_state_revision(since);
    Put(SessionKeyOf(SessionId(id)), record);
    return Commit();
  }
};

TEST_F(SessionStateTest, NewHomeIsToldOfTheSessionAndOfNoInstance) {
  const auto before = Web();
  const Happened happened = MoveHome("s1", "node-2", 1);
  EXPECT_THAT(happened.sessions, ElementsAre(SessionId("s1")));
  EXPECT_THAT(happened.services, IsEmpty());
  EXPECT_THAT(happened.standings, IsEmpty());
  EXPECT_EQ(Web(), before) << "nothing is published anew";
  EXPECT_EQ(catalog_.Session(SessionId("s1")).revision, Revision(2));
  EXPECT_EQ(catalog_.Session(SessionId("s1"))->home(), "node-2");
}

TEST_F(SessionStateTest, ViewMadeAnewAfterAMoveHasTheRevisionOfTheState) {
  MoveHome("s1", "node-2", 1);
  MoveHome("s1", "node-3", 1);
  Register("a", "s1");
  Commit();
  EXPECT_EQ(Told("a").revision(), 4u);
  EXPECT_EQ(Told("b").revision(), 1u);
  ASSERT_EQ(Web()->by_revision.size(), 2u);
  EXPECT_EQ(Web()->by_revision[0]->id(), "a");
  EXPECT_EQ(Web()->by_revision[1]->id(), "b");
}

TEST_F(SessionStateTest, IsTheSameForWhoSawTheMovesAndWhoSawTheEndAlone) {
  MoveHome("s1", "node-2", 1);
  ViewTable other_views{StoreId("store")};
  Catalog other{other_views};
  catalog_.ForEachKey([&](std::string key, Revision revision) {
    std::string value;
    if (key == SessionKeyOf(SessionId("s1"))) {
      value = catalog_.Session(SessionId("s1")).record->SerializeAsString();
    } else {
      value = InstanceOf(SpecOf("web", key.substr(key.size() - 1)), "s1", 1).SerializeAsString();
    }
    ASSERT_TRUE(other.Apply(key, revision, value).ok());
  });
  other.Publish(Revision(2));
  const auto own = Web();
  const auto told = other_views.Find({kDefaultNamespace, "web"});
  ASSERT_EQ(told->instances.size(), own->instances.size());
  for (size_t i = 0; i < own->instances.size(); ++i) {
    EXPECT_EQ(InstanceEncoder().Encode(*told->instances[i]),
              InstanceEncoder().Encode(*own->instances[i]));
  }
}

TEST_F(SessionStateTest, ChangeOfStateAfterAMoveChangesEveryInstance) {
  MoveHome("s1", "node-2", 1);
  SetSession("s1", SESSION_STATE_SUSPECT);
  const Happened happened = Commit();
  EXPECT_EQ(happened.standings.size(), 2u);
  EXPECT_EQ(Told("a").revision(), 3u);
  EXPECT_EQ(Told("b").revision(), 3u);
}

TEST_F(SessionStateTest, MoveThatAlsoRenewsIsAChangeOfState) {
  SetSession("s1", SESSION_STATE_SUSPECT);
  Commit();
  internal::v1::SessionRecord record = SessionOf("s1", SESSION_STATE_LIVE);
  record.set_home("node-2");
  Put(SessionKeyOf(SessionId("s1")), record);
  EXPECT_EQ(Commit().standings.size(), 2u);
  EXPECT_EQ(Told("a").revision(), 3u);
}

TEST_F(SessionStateTest, OpenSessionsAreFoundByTheirHome) {
  MoveHome("s1", "node-2", 1);
  EXPECT_THAT(catalog_.SessionsHomedAt(NodeId("node-2")), ElementsAre(SessionId("s1")));
  EXPECT_THAT(catalog_.SessionsHomedAt(NodeId("node-1")), IsEmpty());
  SetSession("s1", SESSION_STATE_ENDED);
  Commit();
  EXPECT_THAT(catalog_.SessionsHomedAt(NodeId("node-2")), IsEmpty());
}

TEST_F(CatalogTest, EveryRecordIsAmongTheKeys) {
  SetSession("s1", SESSION_STATE_LIVE);
  Register("a", "s1");
  Commit();
  Remove("a");
  internal::v1::OverrideRecord over;
  Put(OverrideKeyOf(Name("web", "a")), over);
  Put(ServiceKeyOf({kDefaultNamespace, "web"}), internal::v1::ServiceRecord());
  Put(kHorizonKey, internal::v1::HorizonRecord());
  Commit();
  std::map<std::string, uint64_t> keys;
  catalog_.ForEachKey([&](std::string key, Revision r) { keys[std::move(key)] = r.value(); });
  EXPECT_EQ(keys, (std::map<std::string, uint64_t>{{"i/default/web/a", 2},
                                                   {"m/horizon", 2},
                                                   {"o/default/web/a", 2},
                                                   {"s/s1", 1},
                                                   {"v/default/web", 2}}));
  for (const auto& [key, revision] : keys) {
    EXPECT_EQ(catalog_.RevisionOf(key), Revision(revision)) << key;
  }
  for (const char* key :
       {"i/default/web/b", "i/default/db/a", "s/s2", "v/default/db", "nonsense"}) {
    EXPECT_EQ(catalog_.RevisionOf(key), Revision(0)) << key;
  }
}

TEST_F(CatalogTest, HorizonNeverGoesBack) {
  SetSession("s1", SESSION_STATE_LIVE);
  next_ = 7;
  Commit();
  catalog_.DistrustViews();
  EXPECT_EQ(views_.horizon(), Revision(8));
  internal::v1::HorizonRecord horizon;
  horizon.set_revision(3);
  Put(kHorizonKey, horizon);
  Commit();
  EXPECT_EQ(views_.horizon(), Revision(8));
  EXPECT_EQ(catalog_.Horizon()->revision(), 3u);
}

}  // namespace
}  // namespace rollcall::catalog
