// How views come, change and last, against a registry in memory.
#include "tests/unit/sdk/discovery_fixture.h"

namespace rollcall {
namespace {

using testing::DiscoveryTest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(DiscoveryTest, ASnapshotBecomesTheViewWhenItIsComplete) {
  Start();
  const auto cell = Watch();
  EXPECT_FALSE(cell->view()->verified());
  auto part = Snapshot(0, {"w1"});
  part.set_caught_up(false);
  Deliver(part);
  EXPECT_THAT(Ids(cell->view()), IsEmpty());
  Deliver(Snapshot(10, {"w2"}));
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1", "w2"));
  EXPECT_TRUE(cell->view()->verified());
  EXPECT_EQ(cell->view()->revision(), 10u);
}

TEST_F(DiscoveryTest, DeltasChangeTheViewAndEachRevisionIsAcknowledgedAfterwards) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1", "w2"}));
  auto delta = Message(12, {"w3"});
  delta.add_removed()->mutable_key()->set_id("w1");
  Deliver(delta);
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w2", "w3"));
  EXPECT_EQ(Acks(), 2u);
  EXPECT_EQ(Stream().sent.back().ack().revision(), 12u);
  EXPECT_TRUE(Asked().will_ack());
}

TEST_F(DiscoveryTest, AllSubscriptionsShareOneStream) {
  Start();
  const auto a = Watch("a");
  const auto b = Watch("b");
  Settle();
  EXPECT_THAT(transport_.watches(), SizeIs(1));
  EXPECT_THAT(Stream().sent, SizeIs(2));
  core_->watcher().Remove(*a);
  EXPECT_TRUE(Stream().sent.back().has_unsubscribe());
  EXPECT_TRUE(Stream().open());
  core_->watcher().Remove(*b);
  EXPECT_FALSE(Stream().open());
}

TEST_F(DiscoveryTest, ResumesFromItsRevisionAfterABreak) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1"}));
  AdvanceBy(absl::Seconds(2));
  Deliver(Message(11, {"w2"}));
  Stream().End(absl::UnavailableError("reset"));
  Settle();
  ASSERT_THAT(transport_.watches(), SizeIs(2));  // At once.
  EXPECT_EQ(Asked().resume_revision(), 11u);
  EXPECT_EQ(Asked().store_id(), "store-1");
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1", "w2"));
}

TEST_F(DiscoveryTest, SilenceForFifteenSecondsMeansReconnectElsewhere) {
  options_.servers = {"a:1", "b:1"};
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1"}));
  const std::string first = Stream().server;
  for (int i = 0; i < 10; ++i) {
    AdvanceBy(absl::Seconds(5));
    Deliver(Message(10));
  }
  EXPECT_THAT(transport_.watches(), SizeIs(1));
  AdvanceBy(absl::Seconds(15));
  ASSERT_THAT(transport_.watches(), SizeIs(2));
  EXPECT_NE(Stream().server, first);
}

TEST_F(DiscoveryTest, TheViewLastsForEverAndItsAgeTells) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1"}));
  transport_.TakeDown("a:1");
  AdvanceBy(absl::Hours(24));
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1"));
  EXPECT_GE(cell->age(), absl::Hours(24));
}

TEST_F(DiscoveryTest, ASignOfLifeRenewsTheAge) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1"}));
  AdvanceBy(absl::Seconds(5));
  Deliver(Message(10));
  EXPECT_EQ(cell->age(), absl::ZeroDuration());
}

TEST_F(DiscoveryTest, AnEmptySnapshotOfALaterRevisionOfTheSameStoreIsBelieved) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1", "w2"}));
  Deliver(Snapshot(20, {}));
  EXPECT_THAT(Ids(cell->view()), IsEmpty());
  EXPECT_TRUE(cell->view()->verified());
}

TEST_F(DiscoveryTest, AnEmptySnapshotOfAnotherStoreIsDoubtedAndConfirmedByASecondRead) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1", "w2"}));
  transport_.store_id = "store-2";
  Deliver(Snapshot(20, {}));
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1", "w2"));
  EXPECT_FALSE(cell->view()->verified());
  AdvanceBy(absl::Seconds(7));
  ASSERT_THAT(transport_.resolves, SizeIs(1));
  EXPECT_EQ(transport_.resolves[0].consistency(), v1::CONSISTENCY_LATEST);
  EXPECT_THAT(Ids(cell->view()), IsEmpty());
  EXPECT_TRUE(cell->view()->verified());
}

TEST_F(DiscoveryTest, ADoubtedAnswerThatFillsUpAgainIsTakenWithoutASecondRead) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1", "w2", "w3", "w4"}));
  transport_.store_id = "store-2";
  Deliver(Snapshot(3, {"w1"}));
  EXPECT_THAT(Ids(cell->view()), SizeIs(4));
  Deliver(Message(4, {"w2"}));
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1", "w2"));
  EXPECT_TRUE(cell->view()->verified());
  AdvanceBy(absl::Seconds(10));
  EXPECT_THAT(transport_.resolves, IsEmpty());
}

TEST_F(DiscoveryTest, AnEmptySnapshotOfAStaleNodeIsDoubted) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1"}));
  auto stale = Snapshot(20, {});
  stale.mutable_age()->set_seconds(60);
  Deliver(stale);
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1"));
}

TEST_F(DiscoveryTest, ASecondReadThatContradictsTheDoubtedAnswerKeepsTheView) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1"}));
  transport_.store_id = "store-2";
  transport_.on_resolve = [this](const v1::ResolveRequest&) {
    auto response = *transport_.EmptyResolve();
    response.add_instances();
    return absl::StatusOr<v1::ResolveResponse>(response);
  };
  Deliver(Snapshot(20, {}));
  AdvanceBy(absl::Seconds(10));
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1"));
  EXPECT_FALSE(cell->view()->verified());
}

TEST_F(DiscoveryTest, AnOlderSnapshotOfTheSameStoreIsNeverShown) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1"}));
  Deliver(Snapshot(9, {"w0", "w1"}));
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1"));
  EXPECT_FALSE(cell->view()->verified());
}

TEST_F(DiscoveryTest, ADeltaThatDoesNotFitIsAnsweredByAskingForASnapshot) {
  Start();
  const auto cell = Watch();
  Deliver(Snapshot(10, {"w1"}));
  transport_.store_id = "store-2";
  Deliver(Message(11, {"w2"}));
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(Asked().resume_revision(), 0u);
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1"));
}

TEST_F(DiscoveryTest, ARefusedSubscriptionSaysWhyAndHarmsNoOther) {
  Start();
  const auto bad = Watch();
  v1::WatchResponse refusal;
  refusal.set_id(Asked().id());
  refusal.mutable_error()->set_code(3);
  refusal.mutable_error()->set_message("selector: no such key");
  Deliver(refusal);
  EXPECT_EQ(bad->status().code(), absl::StatusCode::kInvalidArgument);
  const auto good = Watch();
  Deliver(Snapshot(10, {"w1"}));
  EXPECT_THAT(Ids(good->view()), ElementsAre("w1"));
}

TEST_F(DiscoveryTest, ANodeThatLagsIsAskedAgain) {
  Start();
  const auto cell = Watch();
  v1::WatchResponse error;
  error.set_id(Asked().id());
  error.mutable_error()->set_code(14);
  Deliver(error);
  AdvanceBy(absl::Seconds(1));
  Deliver(Snapshot(10, {"w1"}));
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1"));
}

TEST_F(DiscoveryTest, ResolveAsksForNoLessThanThisClientWrote) {
  Start();
  Register("web", "w1");
  Settle();
  absl::StatusOr<ViewPtr> answer;
  core_->Resolve("web", {}, [&](absl::StatusOr<ViewPtr> view) { answer = std::move(view); });
  Settle();
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE((*answer)->verified());
  EXPECT_EQ(transport_.resolves[0].at_least_revision(), 101u);
  EXPECT_EQ(transport_.resolves[0].store_id(), "store-1");
}

TEST_F(DiscoveryTest, ResolveTriesOtherServersAndFallsBackToTheLastGoodView) {
  options_.servers = {"a:1", "b:1"};
  Start();
  Watch();
  Deliver(Snapshot(10, {"w1"}));
  transport_.TakeDown("a:1");
  absl::StatusOr<ViewPtr> answer;
  const auto keep = [&](absl::StatusOr<ViewPtr> view) { answer = std::move(view); };
  core_->Resolve("web", {}, keep);
  AdvanceBy(absl::Seconds(1));
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE((*answer)->verified());
  transport_.TakeDown("b:1");
  core_->Resolve("web", {}, keep);
  AdvanceBy(absl::Seconds(6));
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE((*answer)->verified());
  EXPECT_THAT(Ids(*answer), ElementsAre("w1"));
  core_->Resolve("web", {.allow_stale = false}, keep);
  AdvanceBy(absl::Seconds(6));
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(DiscoveryTest, LearnsServersFromTheRegistry) {
  Start();
  Watch();
  auto message = Snapshot(10, {"w1"});
  message.add_servers("a:1");
  message.add_servers("b:1");
  Deliver(message);
  AdvanceBy(absl::Seconds(2));
  Deliver(Message(10));
  transport_.TakeDown("a:1");
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(Stream().server, "b:1");
}

TEST_F(DiscoveryTest, CallsBackWithEveryNewView) {
  Start();
  std::vector<size_t> sizes;
  const auto cell = core_->Watch("web", {.on_change = [&](const ViewPtr& view) {
                                   sizes.push_back(view->instances().size());
                                 }});
  Deliver(Snapshot(10, {"w1"}));
  Deliver(Message(10));
  Deliver(Message(11, {"w2"}));
  EXPECT_THAT(sizes, ElementsAre(1, 2));
}

}  // namespace
}  // namespace rollcall
