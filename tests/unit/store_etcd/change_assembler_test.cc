// From the answers of a watch to whole revisions.
#include "server/store/etcd/change_assembler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rollcall/internal/v1/records.pb.h"
#include "server/model/times.h"

namespace rollcall::etcd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ChangeAssemblerTest : public ::testing::Test {
 protected:
  static constexpr int64_t kWatch = 7;

  ChangeAssemblerTest() {
    pb::WatchResponse created;
    created.set_watch_id(kWatch);
    created.set_created(true);
    created.mutable_header()->set_revision(99);
    created_ = Take(created);
  }

  static pb::WatchResponse Response(int64_t header, bool fragment = false) {
    pb::WatchResponse response;
    response.set_watch_id(kWatch);
    response.mutable_header()->set_revision(header);
    response.set_fragment(fragment);
    return response;
  }
  static void AddPut(pb::WatchResponse& response, int64_t revision, const std::string& key,
                     const std::string& value = "x") {
    pb::Event& event = *response.add_events();
    event.mutable_kv()->set_key("/p/" + key);
    event.mutable_kv()->set_value(value);
    event.mutable_kv()->set_mod_revision(revision);
  }
  static void AddDelete(pb::WatchResponse& response, int64_t revision, const std::string& key) {
    AddPut(response, revision, key, "");
    response.mutable_events()->rbegin()->set_type(pb::Event::DELETE);
  }

  std::vector<std::string> Take(pb::WatchResponse response) {
    ChangeAssembler::Taken taken = assembler_.Take(std::move(response), now_);
    if (std::holds_alternative<ChangeAssembler::Compacted>(taken)) return {"compacted"};
    if (std::holds_alternative<ChangeAssembler::Broken>(taken)) return {"broken"};
    std::vector<std::string> words;
    for (const auto& change : std::get<ChangeAssembler::Changes>(taken)) {
      std::string word = absl::StrCat(change.revision.value(), ":");
      for (const auto& entry : change.entries) {
        absl::StrAppend(&word, " ", entry.key, "=", entry.value.value_or("<gone>"));
      }
      words.push_back(word);
      last_time_ = change.time;
    }
    return words;
  }

  const KeyPrefix prefix_{"/p"};
  absl::Time now_ = absl::FromUnixSeconds(1000);
  ChangeAssembler assembler_{prefix_, Revision(10), absl::InfinitePast()};
  std::vector<std::string> created_;
  absl::Time last_time_;
};

TEST_F(ChangeAssemblerTest, WhereTheMemberStandsWhenTheWatchIsMadeHasNotBeenTold) {
  EXPECT_THAT(created_, IsEmpty());
  EXPECT_EQ(assembler_.told(), Revision(10));
}

TEST_F(ChangeAssemblerTest, EventsBecomeOneChangeForEachRevisionInKeyOrder) {
  pb::WatchResponse response = Response(12);
  AddPut(response, 11, "b", "1");
  AddPut(response, 11, "a", "2");
  AddDelete(response, 12, "b");
  EXPECT_THAT(Take(response), ElementsAre("11: a=2 b=1", "12: b=<gone>"));
  EXPECT_EQ(assembler_.told(), Revision(12));
}

TEST_F(ChangeAssemblerTest, WhatWasToldIsNotToldAgain) {
  pb::WatchResponse response = Response(11);
  AddPut(response, 9, "a");
  AddPut(response, 10, "a");
  AddPut(response, 11, "a");
  EXPECT_THAT(Take(response), ElementsAre("11: a=x"));
  EXPECT_THAT(Take(response), IsEmpty());
}

TEST_F(ChangeAssemblerTest, ARevisionInFragmentsIsToldWhenItIsWhole) {
  pb::WatchResponse first = Response(12, true);
  AddPut(first, 11, "a");
  AddPut(first, 12, "b");
  EXPECT_THAT(Take(first), ElementsAre("11: a=x"));
  pb::WatchResponse second = Response(12, true);
  AddPut(second, 12, "a");
  EXPECT_THAT(Take(second), IsEmpty());
  EXPECT_EQ(assembler_.told(), Revision(11));
  pb::WatchResponse third = Response(12);
  AddPut(third, 12, "c");
  EXPECT_THAT(Take(third), ElementsAre("12: a=x b=x c=x"));
}

TEST_F(ChangeAssemblerTest, TheHeaderOfEventsDoesNotSayHowFarWasTold) {
  pb::WatchResponse response = Response(50);
  AddPut(response, 11, "a");
  Take(response);
  EXPECT_EQ(assembler_.told(), Revision(11));
  pb::WatchResponse more = Response(50);
  AddPut(more, 12, "a");
  EXPECT_THAT(Take(more), ElementsAre("12: a=x"));
}

TEST_F(ChangeAssemblerTest, ProgressLeadsOnAndNeverBack) {
  EXPECT_THAT(Take(Response(15)), ElementsAre("15:"));
  EXPECT_THAT(Take(Response(15)), IsEmpty());
  EXPECT_THAT(Take(Response(14)), IsEmpty());
  EXPECT_EQ(assembler_.told(), Revision(15));
}

TEST_F(ChangeAssemblerTest, AnswersOfAnotherWatchDoNotCount) {
  pb::WatchResponse manual_progress = Response(40);
  manual_progress.set_watch_id(-1);
  EXPECT_THAT(Take(manual_progress), IsEmpty());
  EXPECT_EQ(assembler_.told(), Revision(10));
}

TEST_F(ChangeAssemblerTest, RevisionsOutOfOrderBreakTheWatch) {
  pb::WatchResponse response = Response(12);
  AddPut(response, 12, "a");
  AddPut(response, 11, "a");
  EXPECT_THAT(Take(response), ElementsAre("broken"));
}

TEST_F(ChangeAssemblerTest, EventsBeforeTheWatchStandsBreakIt) {
  ChangeAssembler fresh(prefix_, Revision(10), absl::InfinitePast());
  EXPECT_TRUE(std::holds_alternative<ChangeAssembler::Broken>(fresh.Take(Response(11), now_)));
}

TEST_F(ChangeAssemblerTest, ACancelledWatchSaysWhetherItIsForCompaction) {
  pb::WatchResponse cancelled = Response(20);
  cancelled.set_canceled(true);
  EXPECT_THAT(Take(cancelled), ElementsAre("broken"));
  cancelled.set_compact_revision(15);
  EXPECT_THAT(Take(cancelled), ElementsAre("compacted"));
}

// An etcd behind a proxy that rewrites keys, or one that is broken, must not end the node.
TEST_F(ChangeAssemblerTest, AKeyThatWasNotAskedForBreaksTheWatch) {
  pb::WatchResponse response = Response(11);
  AddPut(response, 11, "a");
  response.mutable_events(0)->mutable_kv()->set_key("/other/a");
  EXPECT_THAT(Take(response), ElementsAre("broken"));
}

TEST_F(ChangeAssemblerTest, ARevisionThatEtcdNeverGivesBreaksTheWatch) {
  pb::WatchResponse response = Response(11);
  AddPut(response, -1, "a");
  EXPECT_THAT(Take(response), ElementsAre("broken"));
  EXPECT_THAT(Take(Response(-1)), ElementsAre("broken"));
}

std::string SessionStampedAt(int64_t seconds) {
  internal::v1::SessionRecord record;
  record.set_id("s1");
  *record.mutable_stamp()->mutable_time() = ToProto(absl::FromUnixSeconds(seconds));
  return record.SerializeAsString();
}

TEST_F(ChangeAssemblerTest, TheTimeIsThatOfTheNewestStamp) {
  pb::WatchResponse response = Response(11);
  AddPut(response, 11, "s/s1", SessionStampedAt(900));
  AddPut(response, 11, "s/s2", SessionStampedAt(950));
  AddPut(response, 11, "n/node", "");
  Take(response);
  EXPECT_EQ(last_time_, absl::FromUnixSeconds(950));
}

TEST_F(ChangeAssemblerTest, TheTimeNeverGoesBackNorIntoTheFuture) {
  pb::WatchResponse late = Response(11);
  AddPut(late, 11, "s/s1", SessionStampedAt(5000));
  Take(late);
  EXPECT_EQ(last_time_, now_);
  pb::WatchResponse early = Response(12);
  AddPut(early, 12, "s/s1", SessionStampedAt(900));
  Take(early);
  EXPECT_EQ(last_time_, now_);
}

TEST_F(ChangeAssemblerTest, AChangeWithoutRecordsHasTheTimeOfItsArrival) {
  pb::WatchResponse response = Response(12);
  AddPut(response, 11, "n/node", "cannot be read as a record");
  Take(response);
  EXPECT_EQ(last_time_, now_);
}

}  // namespace
}  // namespace rollcall::etcd
