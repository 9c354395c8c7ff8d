// Following a store that stands elsewhere: beginning, going on, beginning anew.
#include "server/replica/replica.h"

#include "tests/unit/replica/replica_fixture.h"

namespace rollcall::replica {
namespace {

using internal::v1::SESSION_STATE_ENDED;
using internal::v1::SESSION_STATE_SUSPECT;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(ReplicaTest, WithoutALogItFollowsFromTheBeginning) {
  Open(false);
  Start();
  EXPECT_EQ(store_.followed_after, Revision(0));
  EXPECT_FALSE(replica_->ready());
  store_.Commit({Instance("a"), Session("s1")});
  store_.TellSnapshot();
  EXPECT_FALSE(replica_->ready()) << "not before it has caught up";
  EXPECT_THAT(Live(), ElementsAre("a@1"));
  EXPECT_THAT(happened_, ElementsAre("1: web")) << "nothing has happened to anybody";
  store_.follower().OnCaughtUp();
  EXPECT_TRUE(replica_->ready());
  EXPECT_THAT(ready_, ElementsAre(true));
}

TEST_F(ReplicaTest, LogOfTheSameStoreIsServedUntilTheStoreIsHeard) {
  log_.held = {StoreId("store"), Revision(7)};
  log_.records["i/default/web/a"] = {"i/default/web/a", *Instance("a").value, Revision(3)};
  Open();
  Start();
  EXPECT_EQ(store_.followed_after, Revision(7));
  EXPECT_THAT(Live(), ElementsAre("a@3"));
  EXPECT_EQ(replica_->applied(), Revision(7));
  EXPECT_FALSE(replica_->ready());
  store_.SkipTo(8);
  store_.Tell({Instance("b")});
  EXPECT_THAT(Live(), ElementsAre("a@3", "b@9"));
  EXPECT_THAT(log_.TakeTold(), ElementsAre("append 9 i/default/web/b"));
  store_.follower().OnCaughtUp();
  EXPECT_TRUE(replica_->ready());
}

TEST_F(ReplicaTest, LogOfAnotherStoreOrADamagedOneIsLeftAside) {
  log_.held = {StoreId("other"), Revision(7)};
  log_.records["i/default/web/a"] = {"i/default/web/a", *Instance("a").value, Revision(3)};
  Open();
  Start();
  EXPECT_EQ(store_.followed_after, Revision(0));
  EXPECT_THAT(Live(), IsEmpty());
  log_.held->store = StoreId("store");
  log_.load_status = absl::DataLossError("does not decode");
  Open();
  Start();
  EXPECT_EQ(store_.followed_after, Revision(0));
  EXPECT_THAT(damage_, ElementsAre("replica log: does not decode"));
  store_.Commit({Instance("b")});
  store_.TellSnapshot();
  EXPECT_THAT(Live(), ElementsAre("b@1"));
  EXPECT_EQ(replica_->hash(), Truth());
}

TEST_F(ReplicaTest, SnapshotAmidTheRunIsOneChange) {
  store_.Commit({Instance("a"), Instance("b"), Instance("c"), Session("s1")});
  Open();
  Load();
  store_.Commit({Instance("b", "s1", 2)});
  store_.Commit({Removed("c")});
  store_.Commit({Instance("d")});
  store_.follower().OnInterrupted(absl::UnavailableError("compacted"));
  EXPECT_THAT(ready_, ElementsAre(false));
  store_.TellSnapshot();
  EXPECT_THAT(happened_, ElementsAre("4: web b>PASSING c>UNSPECIFIED "
                                     "d>PASSING"));
  EXPECT_THAT(Live(), ElementsAre("a@1", "b@2", "d@4"));
  EXPECT_THAT(log_.TakeTold(),
              ElementsAre("restart store@4 i/default/web/a@1 i/default/web/b@2 i/default/web/c@3 "
                          "i/default/web/d@4 s/s1@1"));
  EXPECT_FALSE(replica_->ready());
  store_.follower().OnCaughtUp();
  EXPECT_THAT(ready_, ElementsAre(false, true));
  EXPECT_EQ(replica_->hash(), Truth());
}

TEST_F(ReplicaTest, SnapshotCountsWhenItIsComplete) {
  Open();
  store_.Commit({Instance("a"), Session("s1")});
  Load();
  store_.Commit({Instance("a", "s1", 2), Instance("b")});
  store_.follower().OnSnapshotBegins();
  for (const auto& [key, record] : store_.records()) store_.follower().OnSnapshotPart({record});
  EXPECT_THAT(Live(), ElementsAre("a@1"));
  EXPECT_EQ(replica_->hash().records, 2u);
  EXPECT_THAT(happened_, IsEmpty());
  store_.follower().OnSnapshot(Revision(2));
  EXPECT_THAT(Live(), ElementsAre("a@2", "b@2"));
  EXPECT_EQ(replica_->hash(), Truth());
}

TEST_F(ReplicaTest, SnapshotThatWasBrokenOffLeavesNothing) {
  Open();
  Start();
  store_.Commit({Instance("a"), Session("s1")});
  for (const char* when : {"first", "later"}) {
    SCOPED_TRACE(when);
    store_.follower().OnSnapshotBegins();
    const Entry other = Instance("other");
    store_.follower().OnSnapshotPart({{other.key, *other.value, Revision(1)}});
    store_.TellSnapshot();
    EXPECT_THAT(Live(), ElementsAre("a@1"));
    EXPECT_EQ(replica_->hash(), Truth());
  }
}

TEST_F(ReplicaTest, WhatASnapshotDoesNotTellIsGone) {
  store_.Commit({Instance("a"), Instance("b"), Session("s1"), Session("s2")});
  Open();
  Load();
  store_.Commit({Removed("b"), Session("s2", SESSION_STATE_ENDED)});
  store_.Commit({Horizon(3)});
  store_.Commit({Purged("b"), {"s/s2", std::nullopt}});
  store_.TellSnapshot();
  EXPECT_THAT(Live(), ElementsAre("a@1"));
  EXPECT_FALSE(catalog_.Session(SessionId("s2")).exists());
  EXPECT_THAT(happened_, ElementsAre("4: web s2 b>UNSPECIFIED"));
  EXPECT_EQ(replica_->hash(), Truth());
}

TEST_F(ReplicaTest, WaitersAreWokenByASnapshotToo) {
  Open();
  Load();
  std::optional<absl::Status> done;
  replica_->WhenApplied(Revision(2), clock_.Steady() + absl::Seconds(5),
                        [&](absl::Status status) { done = status; });
  store_.Commit({Instance("a")});
  store_.Commit({Instance("b")});
  store_.TellSnapshot();
  ASSERT_TRUE(done.has_value());
  EXPECT_TRUE(done->ok());
}

TEST_F(ReplicaTest, StoreThatWentBackIsNotFollowed) {
  store_.Commit({Instance("a")});
  store_.Commit({Instance("b")});
  Open();
  Load();
  store_.TellSnapshotAt(1);
  EXPECT_THAT(damage_, ElementsAre(HasSubstr("put back to an older state")));
  store_.follower().OnCaughtUp();
  store_.Tell({Instance("c")});
  EXPECT_FALSE(replica_->ready());
  EXPECT_THAT(Live(), ElementsAre("a@1", "b@2"));
}

TEST_F(ReplicaTest, KeysThatAreNoRecordsGoToTheirListenersAfterTheChange) {
  Open();
  Load();
  replica_->ListenControl([this](const std::string&, Revision revision, const auto&) {
    EXPECT_EQ(replica_->applied(), revision);
    EXPECT_EQ(happened_.size(), 1u) << "told after the change itself";
  });
  store_.Tell({{"c/audit", "x"}, {"e/sweeper", "n1"}, Instance("a")});
  EXPECT_THAT(control_, ElementsAre("c/audit@1=x", "e/sweeper@1=n1"));
  EXPECT_THAT(damage_, IsEmpty());
  EXPECT_THAT(log_.TakeTold(), ElementsAre("append 1 i/default/web/a"));
  EXPECT_EQ(replica_->hash().records, 1u);
}

TEST_F(ReplicaTest, RevisionOfControlKeysAloneMovesThePosition) {
  Open();
  Load();
  store_.Tell({{"n/n1", "up"}});
  EXPECT_EQ(replica_->applied(), Revision(1));
  EXPECT_EQ(views_.applied(), Revision(1));
  EXPECT_THAT(log_.TakeTold(), ElementsAre("append 1"));
}

TEST_F(ReplicaTest, NodesAreKnownToBePresentWhileTheirKeyStands) {
  store_.Commit({{"n/n1", "up"}});
  Open();
  bool present_when_told = false;
  replica_->Listen(
      [&](const catalog::Happened&) { present_when_told = catalog_.NodePresent(NodeId("n1")); });
  Load();
  EXPECT_TRUE(present_when_told);
  EXPECT_FALSE(catalog_.NodePresent(NodeId("n2")));
  store_.Tell({{"n/n2", "up"}, {"n/n1", std::nullopt}});
  EXPECT_TRUE(catalog_.NodePresent(NodeId("n2")));
  EXPECT_FALSE(catalog_.NodePresent(NodeId("n1")));
}

TEST_F(ReplicaTest, ControlKeysThatVanishedUnseenAreToldAsGone) {
  store_.Commit({{"n/n1", "up"}, {"n/n2", "up"}, {"e/sweeper", "n1"}, {"c/store", "s"}});
  Open();
  Load();
  store_.Commit({{"n/n1", std::nullopt}, {"e/sweeper", std::nullopt}});
  store_.Commit({{"n/n2", "draining"}});
  store_.TellSnapshot();
  EXPECT_THAT(control_, ElementsAre("e/sweeper@3-", "n/n1@3-", "n/n2@3=draining"));
  EXPECT_FALSE(catalog_.NodePresent(NodeId("n1")));
  EXPECT_TRUE(catalog_.NodePresent(NodeId("n2")));
}

TEST_F(ReplicaTest, LeasedKeysAreToldWhenItGoesOnFromItsLog) {
  log_.held = {StoreId("store"), Revision(2)};
  store_.Commit({{"n/n1", "up"}, {"c/store", "s"}});
  store_.Commit({});
  Open();
  Start();
  store_.TellLeased();
  EXPECT_THAT(control_, ElementsAre("n/n1@1=up"));
  EXPECT_TRUE(catalog_.NodePresent(NodeId("n1")));
}

TEST_F(ReplicaTest, LogThatCannotBeWrittenMakesItNotReady) {
  Open();
  Load();
  log_.status = absl::ResourceExhaustedError("full");
  log_.on_changed();
  EXPECT_FALSE(replica_->ready());
  log_.status = absl::OkStatus();
  log_.on_changed();
  EXPECT_THAT(ready_, ElementsAre(false, true));
  EXPECT_EQ(store_.reloads, 0);
}

TEST_F(ReplicaTest, LogThatMissedChangesIsWrittenAnew) {
  store_.Commit({Instance("a")});
  Open();
  Load();
  log_.status = absl::UnavailableError("missed changes");
  log_.restart_needed = true;
  log_.on_changed();
  log_.on_changed();
  EXPECT_EQ(store_.reloads, 1);
  log_.status = absl::OkStatus();
  log_.restart_needed = false;
  store_.TellSnapshot();
  store_.follower().OnCaughtUp();
  EXPECT_THAT(log_.TakeTold(), ElementsAre("restart store@1 i/default/web/a@1"));
  EXPECT_TRUE(replica_->ready());
}

TEST_F(ReplicaTest, ReloadIsAskedForOnceUntilItIsThere) {
  Open();
  Load();
  int done = 0;
  replica_->Reload([&] { ++done; });
  replica_->Reload([&] { ++done; });
  EXPECT_EQ(store_.reloads, 1);
  EXPECT_FALSE(replica_->ready());
  store_.TellSnapshot();
  EXPECT_EQ(done, 0);
  store_.follower().OnCaughtUp();
  EXPECT_TRUE(replica_->ready());
  EXPECT_EQ(done, 2);
  replica_->Reload();
  EXPECT_EQ(store_.reloads, 2);
}

TEST_F(ReplicaTest, NothingCountsAsAppliedUntilItIsReloaded) {
  store_.Commit({Instance("a"), Session("s1")});
  Open();
  Load();
  replica_->Reload();
  std::optional<absl::Status> known;
  replica_->WhenApplied(replica_->applied(), clock_.Steady() + absl::Seconds(2),
                        [&](absl::Status status) { known = std::move(status); });
  EXPECT_FALSE(known);
  store_.TellSnapshot();
  ASSERT_TRUE(known);
  EXPECT_TRUE(known->ok());
}

TEST_F(ReplicaTest, ReloadPutsRightWhatWasWrong) {
  store_.Commit({Instance("a"), Session("s1")});
  store_.Commit({Instance("b")});
  Open();
  Load();
  const store::RecordsHash good = replica_->hash();
  EXPECT_EQ(good, Truth());
  // A record lost, one made up and one altered under its revision.
  store::Record lost = store_.records()["i/default/web/b"];
  store_.records().erase("i/default/web/b");
  store_.records()["i/default/web/ghost"] = {"i/default/web/ghost", *Instance("ghost").value,
                                             Revision(2)};
  store_.records()["i/default/web/a"].value = *Instance("a", "s1", 77).value;
  store_.TellSnapshot();
  EXPECT_NE(replica_->hash(), good);
  EXPECT_THAT(Live(), ElementsAre("a@1", "ghost@2"));
  EXPECT_EQ(catalog_.Instance(testing::Name("web", "a"))->lease_epoch(), 77u);
  store_.records()["i/default/web/b"] = lost;
  store_.records().erase("i/default/web/ghost");
  store_.records()["i/default/web/a"].value = *Instance("a").value;
  replica_->Reload();
  store_.TellSnapshot();
  EXPECT_EQ(replica_->hash(), good);
  EXPECT_THAT(Live(), ElementsAre("a@1", "b@2"));
  EXPECT_EQ(catalog_.Instance(testing::Name("web", "a"))->lease_epoch(), 1u);
  EXPECT_EQ(views_.horizon(), Revision(3)) << "who was told before starts afresh";
}

TEST_F(ReplicaTest, HashIsThatOfTheRecordsWhateverTheWay) {
  store_.Commit({Instance("a"), Session("s1")});
  Open();
  Load();
  store_.Tell({Instance("b"), Session("s1", SESSION_STATE_SUSPECT)});
  store_.Tell({Instance("a", "s1", 3), {"n/n1", "up"}});
  store_.Tell({Removed("b")});
  EXPECT_EQ(replica_->hash(), Truth());
  store_.Tell({Purged("b")});
  EXPECT_EQ(replica_->hash(), Truth());
  EXPECT_EQ(replica_->hash().records, 2u);
}

// Its value is fixed: nodes of different versions compare theirs.
TEST(RecordHashTest, IsTheSameInEveryVersion) {
  EXPECT_EQ(store::RecordHash("", Revision(0), ""), 0x374708fff7719dd5u);
  EXPECT_NE(store::RecordHash("a", Revision(1), "bc"), store::RecordHash("ab", Revision(1), "c"));
  EXPECT_NE(store::RecordHash("a", Revision(1), "b"), store::RecordHash("a", Revision(2), "b"));
}

}  // namespace
}  // namespace rollcall::replica
