#include "server/catalog/view_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/random.h"

namespace rollcall::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ViewTableTest : public ::testing::Test {
 protected:
  static SharedView Registered(const std::string& id, uint64_t revision) {
    return InstanceView::Make({.id = id}, {Revision(revision), v1::STANDING_PASSING, 100}, {});
  }
  static SharedView Removed(const std::string& id, uint64_t revision) {
    return InstanceView::Make({.id = id}, {.revision = Revision(revision)}, {});
  }
  static SharedView Purged(const std::string& id) { return InstanceView::Purged(id); }
  void Publish(uint64_t revision, std::vector<SharedView> changes) {
    views_.PublishChanges(web_, Revision(revision), std::move(changes));
  }
  std::vector<std::string> Live() const {
    std::vector<std::string> ids;
    for (const auto& live : views_.Find(web_)->instances) ids.emplace_back(live->id());
    return ids;
  }
  // "id@revision", removed ones with a minus.
  std::vector<std::string> ByRevision() const {
    std::vector<std::string> all;
    for (const auto& view : views_.Find(web_)->by_revision) {
      all.push_back(
          absl::StrCat(view->removed() ? "-" : "", view->id(), "@", view->revision().value()));
    }
    return all;
  }

  const ServiceName web_{kDefaultNamespace, "web"};
  ViewTable views_{StoreId("store")};
};

TEST_F(ViewTableTest, NothingIsThereBeforeItIsPublishedAndAfterItIsErased) {
  EXPECT_EQ(views_.Find(web_), nullptr);
  Publish(1, {Registered("a", 1)});
  EXPECT_THAT(Live(), ElementsAre("a"));
  views_.Erase(web_);
  EXPECT_EQ(views_.Find(web_), nullptr);
  EXPECT_THAT(views_.List("*"), IsEmpty());
}

TEST_F(ViewTableTest, ChangesOfSeveralRevisionsMakeOneSnapshot) {
  Publish(1, {Registered("b", 1), Registered("c", 1)});
  Publish(2, {Registered("a", 2), Registered("c", 2)});
  Publish(3, {Removed("b", 3)});
  EXPECT_THAT(Live(), ElementsAre("a", "c"));
  EXPECT_THAT(ByRevision(), ElementsAre("-b@3", "a@2", "c@2"));
  EXPECT_EQ(views_.Find(web_)->revision, Revision(3));
  EXPECT_EQ(views_.Find(web_)->counts[v1::STANDING_PASSING], 2u);
}

TEST_F(ViewTableTest, OfEachInstanceTheLastChangeCounts) {
  Publish(1, {Registered("a", 1), Registered("b", 1)});
  Publish(2, {Removed("a", 2)});
  Publish(3, {Purged("a")});
  Publish(4, {Removed("b", 4)});
  Publish(5, {Registered("b", 5)});
  EXPECT_THAT(ByRevision(), ElementsAre("b@5"));
}

TEST_F(ViewTableTest, AWholeSnapshotReplacesWhatWasThere) {
  Publish(1, {Registered("a", 1)});
  Publish(2, {Registered("b", 2)});
  const auto whole = FoldChanges(web_, nullptr, {Registered("c", 3)}, Revision(3));
  views_.Publish(whole);
  EXPECT_EQ(views_.Find(web_), whole);
  Publish(4, {Registered("d", 4)});
  EXPECT_THAT(Live(), ElementsAre("c", "d"));
}

TEST_F(ViewTableTest, WhoReadsTwiceGetsTheSameSnapshotUntilSomethingChanges) {
  Publish(1, {Registered("a", 1)});
  const auto first = views_.Find(web_);
  EXPECT_EQ(views_.Find(web_), first);
  EXPECT_THAT(views_.List("*"), ElementsAre(first));
  Publish(2, {Registered("b", 2)});
  EXPECT_NE(views_.Find(web_), first);
  EXPECT_EQ(first->instances.size(), 1u);
}

TEST_F(ViewTableTest, ListTellsWhatChangedAfterARevision) {
  Publish(1, {Registered("a", 1)});
  views_.PublishChanges({"other", "api"}, Revision(2), {Registered("x", 2)});
  EXPECT_EQ(views_.List("*", Revision(1)).size(), 1u);
  EXPECT_EQ(views_.List("*").size(), 2u);
  EXPECT_EQ(views_.List("other").size(), 1u);
  EXPECT_THAT(views_.List("*", Revision(2)), IsEmpty());
}

TEST_F(ViewTableTest, IsTheSameHoweverOftenItIsRead) {
  base::SeededRandom random(3);
  ViewTable eager{StoreId("store")};
  for (uint64_t revision = 1; revision <= 3000; ++revision) {
    std::map<std::string, SharedView> changes;
    for (uint64_t i = 0; i <= random.Below(3); ++i) {
      const std::string id = absl::StrCat("i", random.Below(200));
      const uint64_t what = random.Below(4);
      changes[id] = what == 0   ? Purged(id)
                    : what == 1 ? Removed(id, revision)
                                : Registered(id, revision);
    }
    std::vector<SharedView> list;
    list.reserve(changes.size());
    for (const auto& [id, change] : changes) list.push_back(change);
    eager.PublishChanges(web_, Revision(revision), list);
    eager.Find(web_);
    Publish(revision, list);
    if (random.Below(100) != 0) continue;
    const auto ours = views_.Find(web_);
    const auto theirs = eager.Find(web_);
    ASSERT_EQ(ours->instances, theirs->instances);
    ASSERT_EQ(ours->counts, theirs->counts);
    ASSERT_EQ(ours->by_revision, theirs->by_revision);
  }
}

TEST_F(ViewTableTest, ReadersOnOtherThreadsNeverSeeLessThanWhatWasApplied) {
  constexpr uint64_t kRevisions = 20'000;
  const auto read = [&] {
    for (Revision seen; seen < Revision(kRevisions);) {
      const Revision applied = views_.applied();
      const auto snapshot = views_.Find(web_);
      if (applied == Revision(0)) continue;
      ASSERT_GE(snapshot->revision, applied);
      ASSERT_EQ(snapshot->by_revision.front()->revision(), snapshot->revision);
      seen = applied;
    }
  };
  std::thread first(read);
  std::thread second(read);
  for (uint64_t revision = 1; revision <= kRevisions; ++revision) {
    Publish(revision, {Registered(absl::StrCat("i", revision % 100), revision)});
    views_.SetApplied(Revision(revision));
  }
  first.join();
  second.join();
}

}  // namespace
}  // namespace rollcall::catalog
