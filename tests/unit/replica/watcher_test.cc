// Watchers that stay connected while their node begins anew: they must end with the truth.
#include "client-sdk/base/random.h"
#include "server/feed/publisher_pool.h"
#include "tests/unit/feed/fake_watch.h"
#include "tests/unit/replica/replica_fixture.h"

namespace rollcall::replica {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

class ReloadWatcherTest : public ReplicaTest {
 protected:
  using Watch = std::shared_ptr<feed::FakeWatch>;

  void OpenWatched() {
    Open();
    replica_->Listen([this](const catalog::Happened& happened) {
      pool_.OnPublished(happened.services, happened.revision);
    });
  }
  Watch Watching(const std::string& service, const std::string& ns = "") {
    auto watch = std::make_shared<feed::FakeWatch>(pool_, "peer");
    watch->id = pool_.Add(watch);
    v1::WatchRequest request;
    request.mutable_subscribe()->set_id(1);
    request.mutable_subscribe()->set_service(service);
    request.mutable_subscribe()->set_namespace_(ns);
    pool_.OnRequest(watch->id, request);
    Settle();
    return watch;
  }
  void Settle() { executor_.AdvanceBy(absl::Seconds(1)); }
  static const feed::ClientView& ViewOf(const Watch& watch) { return watch->views[1]; }

  base::SeededRandom random_{1};
  base::Executor* executors_[1] = {&executor_};
  feed::PublisherPool pool_{
      executors_,
      {views_, clock_,
       [](std::string bytes) { return std::make_shared<feed::StringFrame>(std::move(bytes)); },
       [] { return absl::ZeroDuration(); }, nullptr},
      random_};
};

TEST_F(ReloadWatcherTest, RemovalPurgedUnseenReachesThemInAFreshSnapshot) {
  store_.Commit({Instance("a"), Instance("b"), Session("s1")});
  OpenWatched();
  Load();
  const Watch one = Watching("web");
  const Watch all = Watching("", "*");
  EXPECT_EQ(ViewOf(one).live.size(), 2u);
  store_.Commit({Removed("b")});
  store_.Commit({Horizon(2)});
  store_.Commit({Purged("b")});
  store_.Commit({{"c/barrier", ""}});
  store_.TellSnapshot();
  Settle();
  EXPECT_THAT(ViewOf(one).live, ElementsAre(Pair("web/a", 1)));
  EXPECT_THAT(ViewOf(all).live, ElementsAre(Pair("web/a", 1)));
  EXPECT_EQ(ViewOf(one).revision, 5u);
  EXPECT_EQ(ViewOf(one).snapshots, 2u);
}

TEST_F(ReloadWatcherTest, LastInstanceOfAServicePurgedUnseenGoesToo) {
  store_.Commit({Instance("a"), Session("s1")});
  OpenWatched();
  Load();
  const Watch one = Watching("web");
  const Watch all = Watching("", "*");
  store_.Commit({Removed("a")});
  store_.Commit({Horizon(2)});
  store_.Commit({Purged("a")});
  store_.TellSnapshot();
  Settle();
  EXPECT_TRUE(ViewOf(one).live.empty());
  EXPECT_TRUE(ViewOf(all).live.empty());
}

TEST_F(ReloadWatcherTest, QuietServiceIsNotToldAgain) {
  store_.Commit({Instance("a"), Session("s1")});
  OpenWatched();
  Load();
  const Watch watch = Watching("web");
  store_.Commit({Horizon(1)});
  store_.Commit({{"v/default/other", ""}});
  store_.TellSnapshot();
  Settle();
  EXPECT_EQ(ViewOf(watch).snapshots, 1u);
  store_.Tell({Instance("b")});
  Settle();
  EXPECT_EQ(ViewOf(watch).snapshots, 1u) << "its cursor followed";
  EXPECT_EQ(ViewOf(watch).live.size(), 2u);
}

// What was wrong has revisions that its watchers have long passed.
TEST_F(ReloadWatcherTest, WhatWasWrongIsPutRightForThoseConnected) {
  store_.Commit({Instance("a"), Session("s1")});
  const store::Record missed = {"i/default/web/b", *Instance("b").value, Revision(1)};
  OpenWatched();
  Load();
  const Watch one = Watching("web");
  const Watch all = Watching("", "*");
  store_.Tell({Instance("c")});
  Settle();
  store_.records()[missed.key] = missed;
  store_.records().erase("i/default/web/c");
  replica_->Reload();
  store_.TellSnapshot();
  Settle();
  EXPECT_THAT(ViewOf(one).live, ElementsAre(Pair("web/a", 1), Pair("web/b", 1)));
  EXPECT_THAT(ViewOf(all).live, ElementsAre(Pair("web/a", 1), Pair("web/b", 1)));
  const uint64_t snapshots = ViewOf(one).snapshots;
  store_.Tell({{"e/reload", std::nullopt}});
  store_.Tell({Instance("d")});
  store_.Tell({Instance("e")});
  Settle();
  EXPECT_EQ(ViewOf(one).live.size(), 4u);
  store_.Tell({Instance("f")});
  Settle();
  EXPECT_LE(ViewOf(one).snapshots, snapshots + 1) << "once the revision has moved on, deltas again";
}

}  // namespace
}  // namespace rollcall::replica
