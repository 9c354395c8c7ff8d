// How the feed delivers: sharing, coalescing, order, signs of life, cut-offs, drains, closing.
#include "tests/unit/feed/feed_fixture.h"

namespace rollcall::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(FeedTest, OneFrameServesManyWatchers) {
  Put("user", "a");
  std::vector<Watch> watches;
  for (int i = 0; i < 50; ++i) {
    watches.push_back(Watching("user", "peer" + std::to_string(i)));
    if (i % 10 == 0) Put("order", "x" + std::to_string(i));  // Cursors now differ.
  }
  const FeedStats before = pool_.stats();
  EXPECT_EQ(before.watchers, 50u);
  Put("user", "b");
  Settle();
  EXPECT_EQ(pool_.stats().frames_encoded - before.frames_encoded, 1u);
  EXPECT_EQ(pool_.stats().frames_shared - before.frames_shared, 49u);
  EXPECT_EQ(pool_.stats().messages_sent - before.messages_sent, 50u);
  for (const Watch& watch : watches) EXPECT_EQ(watch->frames.back(), watches[0]->frames.back());
}

TEST_F(FeedTest, BlockedReaderGetsTheNewestStateOnly) {
  Put("user", "a");
  const Watch watch = Watching("user");
  watch->reads = false;
  Put("user", "b");
  Settle();
  watch->TakeMessages();
  for (int i = 0; i < 20; ++i) {
    Put("user", "a");
    Settle();
  }
  Put("user", "c");
  Remove("user", "c");
  Settle();
  EXPECT_THAT(watch->messages, IsEmpty());
  watch->reads = true;
  watch->Finish();
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_THAT(Ids(watch->messages[0]), ElementsAre("a"));
  EXPECT_EQ(watch->views[1].live, Truth("user"));
  EXPECT_GE(pool_.stats().coalesced, 20u);
}

TEST_F(FeedTest, ChangesOfOneMomentAreOneMessage) {
  const Watch watch = Watching("user");
  watch->TakeMessages();
  for (int i = 0; i < 10; ++i) Put("user", "i" + std::to_string(i));
  Settle();
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_EQ(watch->messages[0].updated_size(), 10);
}

TEST_F(FeedTest, HighRatesAreMerged) {
  const Watch watch = Watching("user");
  for (int i = 0; i < 1000; ++i) {
    Put("user", "a");
    AdvanceBy(absl::Microseconds(500));
  }
  Settle();
  EXPECT_LT(watch->messages.size(), 300u);
  EXPECT_EQ(watch->views[1].live, Truth("user"));
}

TEST_F(FeedTest, RareChangesAreDeliveredAtOnce) {
  const Watch watch = Watching("user");
  watch->TakeMessages();
  Put("user", "a");
  executor_.RunReady();
  EXPECT_THAT(watch->messages, SizeIs(1));
}

TEST_F(FeedTest, DeliversConnectionByConnection) {
  std::vector<std::string> order;
  std::vector<Watch> watches;
  for (int i = 0; i < 6; ++i) {
    watches.push_back(Watching(i < 4 ? "user" : "order", i % 2 == 0 ? "even" : "odd"));
    watches.back()->order = &order;
  }
  Put("order", "x");
  Put("user", "a");
  Settle();
  EXPECT_THAT(order, ElementsAre("even", "even", "even", "odd", "odd", "odd"));
}

TEST_F(FeedTest, SignOfLifeOfAQuietStreamRotatesAndCarriesTheRevision) {
  const Watch watch = Watching("user");
  Subscribe(watch, {.id = 2, .service = "order"});
  watch->TakeMessages();
  const Revision now = Put("elsewhere", "z");
  AdvanceBy(kSignOfLife);
  ASSERT_THAT(watch->messages, SizeIs(1));
  EXPECT_TRUE(watch->messages[0].caught_up());
  EXPECT_FALSE(watch->messages[0].snapshot());
  EXPECT_EQ(watch->messages[0].id(), 1u);
  EXPECT_EQ(watch->messages[0].revision(), now.value());
  AdvanceBy(kSignOfLife);
  ASSERT_THAT(watch->messages, SizeIs(2));
  EXPECT_EQ(watch->messages[1].id(), 2u);
  EXPECT_EQ(watch->messages[1].revision(), now.value());
}

TEST_F(FeedTest, SignsOfLifeNeverComeLate) {
  Put("user", "a");
  const Watch watch = Watching("user");
  for (int i = 0; i < 100; ++i) {
    const size_t before = watch->messages.size();
    AdvanceBy(kSignOfLife);
    EXPECT_GT(watch->messages.size(), before);
  }
}

TEST_F(FeedTest, SignOfLifeOfAllServicesPromisesOnlyWhatWasHeard) {
  const Watch watch = Connect();
  Subscribe(watch, {.service = ""});
  // Applied, but not yet told to the feed: it must not be skipped.
  FakeService silent({"default", "silent"});
  silent.Put("a", Revision(500));
  views_.Publish(silent.Snapshot(Revision(500)));
  views_.SetApplied(Revision(500));
  AdvanceBy(kSignOfLife);
  EXPECT_LT(watch->views[1].revision, 500u);
  pool_.OnPublished({{ServiceName{"default", "silent"}}}, Revision(500));
  Settle();
  EXPECT_EQ(watch->views[1].revision, 500u);
  EXPECT_THAT(watch->views[1].live, SizeIs(1));
}

TEST_F(FeedTest, SilentAcknowledgerIsCutOff) {
  const Watch watch = Connect();
  Subscribe(watch, {.will_ack = true});
  AdvanceBy(kWatcherCutOff - Publisher::kTick);
  EXPECT_FALSE(watch->closed);
  AdvanceBy(Publisher::kTick * 2);
  ASSERT_TRUE(watch->closed);
  EXPECT_TRUE(absl::IsResourceExhausted(*watch->closed));
  EXPECT_THAT(std::string(watch->closed->message()), HasSubstr("10s"));
  EXPECT_EQ(pool_.stats().watchers, 0u);
  EXPECT_EQ(pool_.stats().subscriptions, 0u);
  EXPECT_EQ(pool_.stats().cut_off, 1u);
}

TEST_F(FeedTest, AcknowledgerThatAcknowledgesStays) {
  const Watch watch = Connect();
  watch->acks = true;
  Subscribe(watch, {.will_ack = true});
  for (int i = 0; i < 60; ++i) {
    Put("user", "a");
    AdvanceBy(absl::Seconds(1));
  }
  EXPECT_FALSE(watch->closed);
}

TEST_F(FeedTest, BlockedWriteIsCutOff) {
  const Watch watch = Connect();
  watch->reads = false;
  Subscribe(watch, {});
  AdvanceBy(kWatcherCutOff + Publisher::kTick);
  ASSERT_TRUE(watch->closed);
  EXPECT_TRUE(absl::IsResourceExhausted(*watch->closed));
  watch->Finish(false);
  pool_.Remove(watch->id);
  Settle();
  EXPECT_EQ(pool_.stats().cut_off, 1u);
}

TEST_F(FeedTest, SilentWatcherThatReadsIsNotCutOff) {
  const Watch watch = Watching("user");
  AdvanceBy(absl::Minutes(1));
  EXPECT_FALSE(watch->closed);
}

TEST_F(FeedTest, AcknowledgingWhatWasNotSentEndsTheSubscription) {
  const Watch watch = Connect();
  Subscribe(watch, {.will_ack = true});
  Ack(watch, 1, Revision(last_.value() + 1000));
  EXPECT_EQ(watch->messages.back().error().code(),
            static_cast<int>(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(pool_.stats().subscriptions, 0u);
  EXPECT_FALSE(watch->closed);
}

TEST_F(FeedTest, UnreadErrorsAreBounded) {
  const Watch watch = Connect();
  watch->reads = false;
  for (size_t i = 0; i < kMaxUnsentErrors + 2 && !watch->closed; ++i) {
    Subscribe(watch, {.selector = "bad"});
    EXPECT_LE(pool_.stats().unsent_errors, kMaxUnsentErrors);
  }
  ASSERT_TRUE(watch->closed);
  EXPECT_TRUE(absl::IsResourceExhausted(*watch->closed));
  EXPECT_EQ(pool_.stats().unsent_errors, 0u);
}

TEST_F(FeedTest, SubscriptionsPerStreamAreLimited) {
  const Watch watch = Connect();
  for (uint32_t i = 0; i <= kMaxSubscriptionsPerStream; ++i) {
    v1::WatchRequest request;
    request.mutable_subscribe()->set_id(i);
    request.mutable_subscribe()->set_service("user");
    pool_.OnRequest(watch->id, request);
  }
  Settle();
  EXPECT_EQ(pool_.stats().subscriptions, kMaxSubscriptionsPerStream);
  size_t errors = 0;
  for (const auto& message : watch->messages) {
    if (!message.has_error()) continue;
    ++errors;
    EXPECT_EQ(message.error().code(), static_cast<int>(absl::StatusCode::kResourceExhausted));
  }
  EXPECT_EQ(errors, 1u);
}

TEST_F(FeedTest, RequestsOfAStreamAreAnsweredForAsTheyAreHandled) {
  const Watch watch = Connect();
  int handled = 0;
  pool_.OnRequest(watch->id, {}, [&] { ++handled; });
  EXPECT_EQ(handled, 0);
  Settle();
  EXPECT_EQ(handled, 1);
  pool_.Remove(watch->id);
  pool_.OnRequest(watch->id, {}, [&] { ++handled; });
  Settle();
  EXPECT_EQ(handled, 1);
}

TEST_F(FeedTest, BrokenStreamIsForgotten) {
  const Watch watch = Connect();
  watch->reads = false;
  Subscribe(watch, {});
  watch->Finish(false);
  Settle();
  EXPECT_EQ(pool_.stats().watchers, 0u);
  Put("user", "a");
  Settle();
  EXPECT_THAT(watch->messages, SizeIs(1));
  EXPECT_FALSE(watch->closed);
}

TEST_F(FeedTest, DrainWaitsForThoseWhoAcknowledgeAndNamesLaggards) {
  Put("user", "a");
  const Watch prompt = Connect("prompt");
  prompt->acks = true;
  Subscribe(prompt, {.will_ack = true});
  const Watch slow = Connect("slow");
  Subscribe(slow, {.will_ack = true, .client_name = "slow@host"});
  const Revision first = last_;
  Ack(slow, 1, first);
  Watching("user", "silent");
  const Watch elsewhere = Connect("elsewhere");
  Subscribe(elsewhere, {.service = "order", .will_ack = true});

  const Revision drained = Put("user", "a", {.standing = v1::STANDING_DRAINING});
  AdvanceBy(absl::Seconds(2));
  v1::GetDrainStatusResponse status = Drain("user", drained);
  EXPECT_FALSE(status.complete());
  EXPECT_EQ(status.applied(), 1u);
  EXPECT_EQ(status.silent(), 1u);
  ASSERT_THAT(status.laggards(), SizeIs(1));
  EXPECT_EQ(status.laggards(0).client_name(), "slow@host");
  EXPECT_EQ(status.laggards(0).peer(), "slow");
  EXPECT_EQ(status.laggards(0).sent_revision(), drained.value());
  EXPECT_EQ(status.laggards(0).acknowledged_revision(), first.value());
  EXPECT_EQ(status.laggards(0).behind().seconds(), 2);

  Ack(slow, 1, drained);
  status = Drain("user", drained);
  EXPECT_TRUE(status.complete());
  EXPECT_EQ(status.applied(), 2u);
}

TEST_F(FeedTest, DrainCountsBlockedWatchersAsLaggards) {
  Put("user", "a");
  const Watch watch = Connect();
  watch->acks = true;
  Subscribe(watch, {.will_ack = true});
  watch->reads = false;
  Put("user", "b");
  Settle();
  const Revision drained = Put("user", "a", {.standing = v1::STANDING_DRAINING});
  Settle();
  EXPECT_THAT(Drain("user", drained).laggards(), SizeIs(1));
  watch->reads = true;
  watch->Finish();
  Settle();
  EXPECT_TRUE(Drain("user", drained).complete());
}

TEST_F(FeedTest, DrainCountsALaterSubscriberOnceItAcknowledged) {
  const Revision drained = Put("user", "a", {.standing = v1::STANDING_DRAINING});
  const Watch watch = Connect();
  Subscribe(watch, {.will_ack = true});
  EXPECT_FALSE(Drain("user", drained).complete());
  Ack(watch, 1, drained);
  EXPECT_TRUE(Drain("user", drained).complete());
}

TEST_F(FeedTest, DrainOfARevisionThatChangedNothingHereNeedsNoMessage) {
  Put("user", "a");
  const Watch watch = Connect();
  watch->acks = true;
  Subscribe(watch, {.will_ack = true});
  const Revision other = Put("order", "x");
  Settle();
  EXPECT_TRUE(Drain("user", other).complete());
}

TEST_F(FeedTest, DrainCountsAllServicesSubscriptions) {
  Put("user", "a");
  const Watch watch = Connect();
  Subscribe(watch, {.service = "", .will_ack = true});
  const Revision drained = Put("user", "a", {.standing = v1::STANDING_DRAINING});
  Settle();
  EXPECT_THAT(Drain("user", drained).laggards(), SizeIs(1));
  Ack(watch, 1, drained);
  EXPECT_EQ(Drain("user", drained).applied(), 1u);
}

TEST_F(FeedTest, CloseAllSpreadsTheEndAndRefusesNewStreams) {
  std::vector<Watch> watches;
  watches.reserve(100);
  for (int i = 0; i < 100; ++i) watches.push_back(Watching("user"));
  const auto closed = [&] {
    return std::count_if(watches.begin(), watches.end(),
                         [](const Watch& watch) { return watch->closed.has_value(); });
  };
  pool_.CloseAll(absl::UnavailableError("going away"));
  AdvanceBy(PublisherPool::kCloseSpread / 2);
  EXPECT_GT(closed(), 20);
  EXPECT_LT(closed(), 80);
  AdvanceBy(PublisherPool::kCloseSpread / 2);
  EXPECT_EQ(closed(), 100);
  EXPECT_EQ(*watches[0]->closed, absl::UnavailableError("going away"));
  EXPECT_TRUE(Connect()->closed);
  EXPECT_EQ(pool_.stats().watchers, 0u);
}

TEST_F(FeedTest, PublishersShareTheWorkByConnection) {
  base::Executor* executors[] = {&executor_, &executor_, &executor_};
  PublisherPool pool(
      executors,
      {views_, clock_, [](std::string bytes) { return std::make_shared<StringFrame>(bytes); },
       [] { return absl::Milliseconds(20); }},
      random_);
  std::vector<Watch> watches;
  for (int i = 0; i < 30; ++i) {
    watches.push_back(std::make_shared<FakeWatch>(pool, "peer" + std::to_string(i % 10)));
    watches.back()->id = pool.Add(watches.back());
    watches.back()->acks = i % 3 == 0;
    v1::WatchRequest request;
    request.mutable_subscribe()->set_service("user");
    request.mutable_subscribe()->set_will_ack(i % 2 == 0);
    pool.OnRequest(watches.back()->id, request);
  }
  const Revision put = Put("user", "a");
  pool.OnPublished({{ServiceName{"default", "user"}}}, put);
  Settle();
  v1::GetDrainStatusResponse status;
  pool.DrainStatus({"default", "user"}, put, [&](v1::GetDrainStatusResponse s) { status = s; });
  Settle();
  EXPECT_EQ(status.applied(), 5u);
  EXPECT_THAT(status.laggards(), SizeIs(10));
  EXPECT_EQ(status.silent(), 15u);
  EXPECT_FALSE(status.complete());
  EXPECT_EQ(watches[7]->messages.back().age().nanos(), 20000000);
  // Its tasks must not outlive it.
  pool.CloseAll(absl::CancelledError(), absl::ZeroDuration());
  AdvanceBy(Publisher::kTick * 3);
}

}  // namespace
}  // namespace rollcall::feed
