// What the views that are kept on disk are good for, and when they are written.
#include "tests/unit/sdk/discovery_fixture.h"

namespace rollcall {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CachedViewsTest : public testing::DiscoveryTest {
 protected:
  // Revision 10 is being written when 11 comes.
  void ChangeWhileTheDiskStandsStill() {
    Start();
    Watch();
    cache_.stands_still = true;
    Deliver(Snapshot(10, {"w1"}));
    AdvanceBy(absl::Seconds(2));
    Deliver(Message(11, {"w2"}));
  }
  uint64_t KeptRevision() const {
    const auto kept = sdk::ViewCache::Decode(cache_.blob);
    return kept.ok() && !kept->empty() ? kept->begin()->second.revision : 0;
  }
};

TEST_F(CachedViewsTest, AProcessThatStartsWithTheRegistryDownWorksFromDisk) {
  Start();
  Watch();
  Deliver(Snapshot(10, {"w1", "w2"}));
  AdvanceBy(absl::Seconds(2));
  ASSERT_EQ(cache_.saves, 1);
  core_ = nullptr;
  transport_.TakeDown("a:1");
  clock_->AdvanceBy(absl::Hours(1));
  Start();
  const auto cell = Watch();
  EXPECT_THAT(Ids(cell->view()), ElementsAre("w1", "w2"));
  EXPECT_FALSE(cell->view()->verified());
  EXPECT_GE(cell->view()->age(), absl::Hours(1));
  EXPECT_THAT(cell->view()->serving(), SizeIs(2));
  transport_.BringUp("a:1");
  AdvanceBy(absl::Seconds(6));
  EXPECT_EQ(Asked().resume_revision(), 10u);
  Deliver(Message(10));
  EXPECT_TRUE(cell->view()->verified());
}

TEST_F(CachedViewsTest, ACorruptedCacheIsIgnoredWithAWord) {
  Start();
  Watch();
  Deliver(Snapshot(10, {"w1"}));
  AdvanceBy(absl::Seconds(2));
  cache_.blob[cache_.blob.size() / 2] ^= 1;
  core_ = nullptr;
  Start();
  EXPECT_THAT(Ids(Watch()->view()), IsEmpty());
  EXPECT_THAT(log_, ::testing::Contains(::testing::HasSubstr("checksum")));
}

TEST_F(CachedViewsTest, ManyChangesAreWrittenToDiskSeldom) {
  Start();
  Watch();
  Deliver(Snapshot(10, {"w1"}));
  for (uint64_t i = 11; i < 111; ++i) {
    AdvanceBy(absl::Milliseconds(100));
    Deliver(Message(i, {"w1"}));
  }
  EXPECT_LE(cache_.saves, 3);
}

TEST_F(CachedViewsTest, ADiskThatStandsStillIsGivenNoMoreAndGetsTheNewestAfterwards) {
  ChangeWhileTheDiskStandsStill();
  AdvanceBy(absl::Minutes(5));
  ASSERT_THAT(cache_.under_way, SizeIs(1));
  cache_.stands_still = false;
  cache_.under_way[0](absl::OkStatus());
  AdvanceBy(absl::Seconds(2));
  EXPECT_EQ(cache_.saves, 2);
  EXPECT_EQ(KeptRevision(), 11u);
}

TEST_F(CachedViewsTest, WhatCouldNotBeWrittenIsTriedAgainAndToldOnce) {
  Start();
  Watch();
  cache_.outcome = absl::ResourceExhaustedError("no space");
  Deliver(Snapshot(10, {"w1"}));
  AdvanceBy(absl::Seconds(14));
  EXPECT_EQ(cache_.saves, 3);
  EXPECT_THAT(log_, ElementsAre(::testing::HasSubstr("no space")));
  cache_.outcome = absl::OkStatus();
  AdvanceBy(absl::Seconds(6));
  const int saves = cache_.saves;
  AdvanceBy(absl::Seconds(30));
  EXPECT_EQ(cache_.saves, saves);
}

TEST_F(CachedViewsTest, AtTheEndTheNewestIsWrittenAlsoWhileTheDiskStandsStill) {
  ChangeWhileTheDiskStandsStill();
  core_->Stop([] {});
  AdvanceBy(absl::Seconds(2));
  ASSERT_THAT(cache_.under_way, SizeIs(2));
  EXPECT_EQ(KeptRevision(), 11u);
}

}  // namespace
}  // namespace rollcall
