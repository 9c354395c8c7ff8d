#include "cli/client/watch_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace rollcall::cli {
namespace {

class WatchViewTest : public ::testing::Test {
 protected:
  static void Put(v1::WatchResponse& response, const std::string& id, v1::Standing standing,
                  uint64_t revision) {
    v1::Instance& instance = *response.add_updated();
    instance.mutable_spec()->set_service("user");
    instance.mutable_spec()->set_id(id);
    instance.set_standing(standing);
    instance.set_revision(revision);
  }
  static void Remove(v1::WatchResponse& response, const std::string& id) {
    v1::Removed& removed = *response.add_removed();
    removed.mutable_key()->set_service("user");
    removed.mutable_key()->set_id(id);
    removed.set_cause(v1::CAUSE_EXPIRED);
  }
  static v1::WatchResponse Response(uint64_t revision, bool snapshot = false) {
    v1::WatchResponse response;
    response.set_revision(revision);
    response.set_store_id("s");
    response.set_snapshot(snapshot);
    response.set_caught_up(true);
    return response;
  }
  // "snapshot u1 PASSING", "u1 PASSING → SUSPECT", one per event.
  std::string Events(const v1::WatchResponse& response) {
    return absl::StrJoin(
        view_.Apply(response, absl::UnixEpoch()), "; ", [](std::string* out, const WatchEvent& e) {
          absl::StrAppend(out, e.kind == WatchEvent::Kind::kSnapshot ? "snapshot " : "", e.key.id(),
                          " ", TransitionText(e.from, e.to));
        });
  }

  WatchView view_;
};

TEST_F(WatchViewTest, TheFirstSnapshotIsMarkedAndToldWhenComplete) {
  auto part = Response(5, true);
  part.set_caught_up(false);
  Put(part, "u1", v1::STANDING_PASSING, 3);
  EXPECT_EQ(Events(part), "");
  EXPECT_EQ(view_.revision(), 0u);
  auto rest = Response(5, true);
  Put(rest, "u2", v1::STANDING_SUSPECT, 4);
  EXPECT_EQ(Events(rest), "snapshot u1 new → PASSING; snapshot u2 new → SUSPECT");
  EXPECT_EQ(view_.revision(), 5u);
  EXPECT_EQ(view_.store_id(), "s");
}

TEST_F(WatchViewTest, ChangesSayFromWhat) {
  auto snapshot = Response(5, true);
  Put(snapshot, "u1", v1::STANDING_PASSING, 3);
  Events(snapshot);
  auto change = Response(6);
  Put(change, "u1", v1::STANDING_SUSPECT, 6);
  Put(change, "u2", v1::STANDING_PASSING, 6);
  EXPECT_EQ(Events(change), "u1 PASSING → SUSPECT; u2 new → PASSING");
  auto removal = Response(7);
  Remove(removal, "u1");
  EXPECT_EQ(Events(removal), "u1 SUSPECT → gone");
}

TEST_F(WatchViewTest, ARemovalHasTheTimeAtWhichItHappenedNotThatOfHearing) {
  auto snapshot = Response(5, true);
  Put(snapshot, "u1", v1::STANDING_PASSING, 3);
  Events(snapshot);
  auto removal = Response(7);
  Remove(removal, "u1");
  removal.mutable_removed(0)->mutable_time()->set_seconds(1000);
  const auto events = view_.Apply(removal, absl::FromUnixSeconds(1003));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].time, absl::FromUnixSeconds(1000));
}

TEST_F(WatchViewTest, AWeightIsToldWhereItChanges) {
  const auto weighs = [this](uint64_t revision, uint32_t weight) {
    auto response = Response(revision, revision == 5);
    Put(response, "u1", v1::STANDING_PASSING, revision);
    response.mutable_updated(0)->set_effective_weight(weight);
    return view_.Apply(response, absl::UnixEpoch());
  };
  weighs(5, 100);
  const auto events = weighs(6, 25);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_THAT(events[0].why, ::testing::EndsWith(", weight 100 → 25"));
}

TEST_F(WatchViewTest, WhatItAlreadyHasIsNotToldAgain) {
  auto snapshot = Response(5, true);
  Put(snapshot, "u1", v1::STANDING_PASSING, 3);
  Events(snapshot);
  auto again = Response(6);
  Put(again, "u1", v1::STANDING_PASSING, 3);
  Remove(again, "never-had");
  EXPECT_EQ(Events(again), "");
  EXPECT_EQ(view_.revision(), 6u);
}

TEST_F(WatchViewTest, ALaterSnapshotTellsOnlyTheDifferences) {
  auto first = Response(5, true);
  Put(first, "gone", v1::STANDING_PASSING, 1);
  Put(first, "same", v1::STANDING_PASSING, 2);
  Put(first, "worse", v1::STANDING_PASSING, 3);
  Events(first);
  view_.ForgetRevision();
  EXPECT_EQ(view_.revision(), 0u);
  auto second = Response(9, true);
  Put(second, "same", v1::STANDING_PASSING, 2);
  Put(second, "worse", v1::STANDING_SUSPECT, 8);
  Put(second, "fresh", v1::STANDING_PASSING, 9);
  EXPECT_EQ(Events(second), "fresh new → PASSING; worse PASSING → SUSPECT; gone PASSING → gone");
}

}  // namespace
}  // namespace rollcall::cli
