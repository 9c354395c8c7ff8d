#include "server/feed/finished_writes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::feed {
namespace {

using Look = FinishedWrites::Look;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(FinishedWritesTest, WhatNobodyWaitsForIsLookedAtOnceAndLater) {
  FinishedWrites writes;
  EXPECT_EQ(writes.Add(WatcherId(1), true), Look::kSoon);
  EXPECT_EQ(writes.Add(WatcherId(2), true), Look::kNot) << "it has been told";
  EXPECT_THAT(writes.Take(Look::kSoon), SizeIs(2));
  EXPECT_THAT(writes.Take(Look::kSoon), IsEmpty());
  EXPECT_EQ(writes.Add(WatcherId(1), true), Look::kSoon);
}

TEST(FinishedWritesTest, WhatIsTakenMeanwhileNeedsNoOtherLook) {
  FinishedWrites writes;
  EXPECT_EQ(writes.Add(WatcherId(1), true), Look::kSoon);
  EXPECT_THAT(writes.Take(Look::kNot), SizeIs(1));
  EXPECT_EQ(writes.Add(WatcherId(2), true), Look::kNot) << "the look that was arranged is to come";
  EXPECT_THAT(writes.Take(Look::kSoon), SizeIs(1));
}

TEST(FinishedWritesTest, ABrokenStreamIsLookedAtNow) {
  FinishedWrites writes;
  EXPECT_EQ(writes.Add(WatcherId(1), true), Look::kSoon);
  EXPECT_EQ(writes.Add(WatcherId(2), false), Look::kNow);
  EXPECT_EQ(writes.Add(WatcherId(3), false), Look::kNot);
  EXPECT_EQ(writes.Take(Look::kNow).size(), 3u);
  EXPECT_EQ(writes.Add(WatcherId(2), false), Look::kNow);
}

TEST(FinishedWritesTest, WhileAStreamWaitsToSendMoreAllAreLookedAtNow) {
  FinishedWrites writes;
  EXPECT_EQ(writes.Await(true), Look::kNot);
  EXPECT_EQ(writes.Add(WatcherId(1), true), Look::kNow);
  writes.Take(Look::kNow);
  EXPECT_EQ(writes.Await(false), Look::kNot);
  EXPECT_EQ(writes.Add(WatcherId(1), true), Look::kSoon);
}

// Between the end of its write and the publisher's look there came more for it.
TEST(FinishedWritesTest, AStreamThatBeginsToWaitIsLookedAtNowIfAnyIsFinished) {
  FinishedWrites writes;
  EXPECT_EQ(writes.Add(WatcherId(1), true), Look::kSoon);
  EXPECT_EQ(writes.Await(true), Look::kNow);
  EXPECT_EQ(writes.Await(true), Look::kNot);
}

}  // namespace
}  // namespace rollcall::feed
