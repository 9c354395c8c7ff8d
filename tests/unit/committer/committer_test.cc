#include "server/committer/committer.h"

#include "server/command/operator_commands.h"
#include "server/model/keys.h"
#include "server/model/limits.h"
#include "tests/support/core_fixture.h"

namespace rollcall::committer {
namespace {

using testing::CoreTest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Hearing;
using testing::Name;
using enum absl::StatusCode;

class CommitterTest : public CoreTest {
 protected:
  // Commits behind the committer's back, as another node does. Guards are taken from the catalog.
  void OtherNodeCommits(command::Command& command) {
    command::Decision decision = command.Decide(*catalog_, {clock_.Wall(), "another nodes id"});
    const auto& change = std::get<command::Change>(decision);
    store::Transaction transaction;
    for (const auto& guard : change.guards) {
      transaction.guards.push_back({guard.key, guard.revision});
    }
    for (const auto& put : change.puts) transaction.puts.push_back({put.key, put.value});
    embedded_->Commit({transaction}, [](const std::vector<store::Outcome>&) {});
  }
  size_t VersionsOf(const std::string& key) {
    size_t count = 0;
    embedded_->Versions(key, Revision(0), [&](absl::StatusOr<std::vector<store::Record>> found) {
      count = found->size();
    });
    Settle();
    return count;
  }
  Hearing SubmitEnd(int i) {
    return Submit(std::make_shared<command::EndSession>(
        SessionId(absl::StrCat("s", i)), command::Reason{v1::CAUSE_EXPIRED, "node-1", ""},
        NodeId("node-1")));
  }

  const std::string key_ = InstanceKeyOf(Name("web", "a"));
};

TEST_F(CommitterTest, ACommandIsAnsweredAfterItIsApplied) {
  const Hearing heard = Register("web", "a", "s1");
  ASSERT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(heard->revision(), views_->applied().value());
  EXPECT_TRUE(Registered("web", "a"));
}

TEST_F(CommitterTest, ConcurrentCommandsAreOneGroupAndOneRevision) {
  std::vector<Hearing> all;
  all.reserve(20);
  for (int i = 0; i < 20; ++i) {
    all.push_back(Submit(Registering("web", absl::StrCat("i", i), absl::StrCat("s", i))));
  }
  Settle();
  EXPECT_THAT(store_->GroupSizes(), ElementsAre(20));
  for (const Hearing& heard : all) EXPECT_EQ(heard->revision(), all[0]->revision());
}

TEST_F(CommitterTest, OthersGoBeforeWhatCanWaitAndWaitForLittleOfIt) {
  for (int i = 0; i < 300; ++i)
    Submit(Registering("web", absl::StrCat("i", i), absl::StrCat("s", i)));
  Settle();
  const size_t before = store_->GroupSizes().size();
  Hearing first;
  Hearing last;
  for (int i = 0; i < 300; ++i) (i == 0 ? first : last) = SubmitEnd(i);
  const Hearing other = Submit(Registering("db", "a", "mine"));
  Settle();
  std::vector<size_t> sizes = store_->GroupSizes();
  sizes.erase(sizes.begin(), sizes.begin() + static_cast<ptrdiff_t>(before));
  EXPECT_THAT(sizes, ElementsAre(65, 64, 64, 64, 44));
  EXPECT_EQ(other->revision(), first->revision());
  EXPECT_LT(other->revision(), last->revision());
  EXPECT_EQ(catalog_->instance_count(), 1u);
}

TEST_F(CommitterTest, WhatCanWaitIsNotKeptOutForGood) {
  Register("web", "a", "s0");
  const Hearing end = SubmitEnd(0);
  Hearing last;
  for (int i = 1; i < 600; ++i) {
    last = Submit(Registering("web", absl::StrCat("i", i), absl::StrCat("s", i)));
  }
  Settle();
  EXPECT_TRUE(end->ok());
  EXPECT_LT(end->revision(), last->revision());
}

TEST_F(CommitterTest, CommandsOfOneKeyAreDecidedOneAfterTheOther) {
  const Hearing first = Submit(Registering("web", "a", "s1"));
  const Hearing second = Submit(Registering("web", "a", "s2"));
  const Hearing third = Submit(Registering("web", "a", "s3"));
  Settle();
  EXPECT_THAT(store_->GroupSizes(), ElementsAre(1, 1, 1));
  EXPECT_LT(first->revision(), second->revision());
  EXPECT_LT(second->revision(), third->revision());
  EXPECT_EQ(catalog_->Instance(Name("web", "a"))->session_id(), "s3");
  EXPECT_EQ(committer_->counts().guard_failures, 0u);
}

TEST_F(CommitterTest, NoMoreGroupsAreInFlightThanAllowed) {
  store_->Next(Fate::kHeld, 3);
  for (int i = 0; i < 4; ++i) {
    Submit(Registering("web", absl::StrCat("i", i), absl::StrCat("s", i)));
    Settle();
  }
  EXPECT_THAT(store_->GroupSizes(), ElementsAre(1, 1));
  store_->Release();
  Settle();
  store_->Release();
  Settle();
  EXPECT_THAT(store_->GroupSizes(), ElementsAre(1, 1, 2));
}

TEST_F(CommitterTest, AFailedGuardIsDecidedAgainOnNewerRecords) {
  Register("web", "a", "s1");
  store_->Next(Fate::kHeld);
  const Hearing heard = Submit(Registering("web", "a", "s1", "mine"));
  Settle();
  OtherNodeCommits(*Registering("web", "a", "s1", "theirs"));
  Settle();
  store_->Release();
  Settle();
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(VersionOf("web", "a"), "mine");
  EXPECT_EQ(committer_->counts().guard_failures, 1u);
}

TEST_F(CommitterTest, AFailedGuardIsDecidedAgainOnlyWhenTheNewerRecordIsHere) {
  Register("web", "a", "s1");
  store_->Next(Fate::kHeld);
  const Hearing heard = Submit(Registering("web", "a", "s1", "mine"));
  Settle();
  store_->HoldChanges();
  OtherNodeCommits(*Registering("web", "a", "s1", "theirs"));
  Settle();
  store_->Release();
  Settle();
  EXPECT_FALSE(heard->answer);
  EXPECT_EQ(store_->groups().size(), 2u);
  store_->ReleaseChanges();
  Settle();
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(VersionOf("web", "a"), "mine");
}

TEST_F(CommitterTest, ACommandThatLosesEveryRaceIsAborted) {
  Register("web", "a", "s1");
  store_->Next(Fate::kHeld, 100);
  const Hearing heard = Submit(Registering("web", "a", "s1", "mine"));
  for (int i = 0; i < 40 && !heard->answer; ++i) {
    Settle();
    OtherNodeCommits(*Registering("web", "a", "s1", absl::StrCat("theirs", i)));
    Settle();
    store_->Release();
    Settle();
  }
  EXPECT_EQ(heard->code(), kAborted) << heard->message();
  EXPECT_EQ(store_->groups().size(), 17u);
  EXPECT_EQ(committer_->counts().pending, 0u);
}

TEST_F(CommitterTest, ARefusalByTheStoreIsTheAnswerAndNothingIsTriedAgain) {
  store_->Next(Fate::kRefused);
  const Hearing heard = Register("web", "a", "s1");
  EXPECT_EQ(heard->code(), kResourceExhausted);
  AdvanceBy(absl::Seconds(20));
  EXPECT_EQ(store_->groups().size(), 1u);
  EXPECT_FALSE(Registered("web", "a"));
  EXPECT_TRUE(Register("web", "a", "s1")->ok());
}

TEST_F(CommitterTest, AnUnknownOutcomeThatWasNotWrittenIsWrittenOnce) {
  store_->Next(Fate::kLostBefore, 3);
  const Hearing heard = Register("web", "a", "s1");
  EXPECT_FALSE(heard->answer);
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(heard->answers, 1);
  EXPECT_EQ(VersionsOf(key_), 1u);
}

TEST_F(CommitterTest, AnUnknownOutcomeThatWasWrittenIsNotWrittenAgain) {
  store_->Next(Fate::kLostAfter);
  const Hearing heard = Register("web", "a", "s1");
  EXPECT_FALSE(heard->answer);
  const uint64_t written = catalog_->applied().value();
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(heard->revision(), written);
  EXPECT_EQ(VersionsOf(key_), 1u);
}

TEST_F(CommitterTest, TheSameTransactionIsSubmittedAgainToTheByte) {
  store_->Next(Fate::kLostBefore, 2);
  Register("web", "a", "s1");
  AdvanceBy(absl::Seconds(1));
  ASSERT_EQ(store_->groups().size(), 3u);
  for (const auto& group : store_->groups()) {
    ASSERT_EQ(group.size(), 1u);
    EXPECT_EQ(group[0].puts[0].value, store_->groups()[0][0].puts[0].value);
    EXPECT_EQ(group[0].guards[0].revision, store_->groups()[0][0].guards[0].revision);
  }
}

TEST_F(CommitterTest, OursThatWasOverwrittenByAnotherIsFoundAmongTheVersions) {
  store_->Next(Fate::kLostAfter);
  const Hearing heard = Register("web", "a", "s1", "mine");
  const uint64_t written = catalog_->applied().value();
  OtherNodeCommits(*Registering("web", "a", "s1", "theirs"));
  Settle();
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(heard->revision(), written);
  EXPECT_EQ(VersionOf("web", "a"), "theirs");
  EXPECT_EQ(VersionsOf(key_), 2u);
}

TEST_F(CommitterTest, VersionsThatCannotBeReadAreAskedForAgain) {
  store_->Next(Fate::kLostAfter);
  store_->FailVersions(3);
  const Hearing heard = Register("web", "a", "s1", "mine");
  OtherNodeCommits(*Registering("web", "a", "s1", "theirs"));
  AdvanceBy(absl::Seconds(5));
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(VersionOf("web", "a"), "theirs");
  EXPECT_EQ(VersionsOf(key_), 2u);
}

// A judgement that would come too late is not made: its client may have come back meanwhile.
TEST_F(CommitterTest, AnUnknownJudgementIsWithdrawnInsteadOfRepeated) {
  Register("web", "a", "s1");
  store_->Next(Fate::kLostBefore);
  const Hearing heard = Move("s1", internal::v1::SESSION_STATE_ENDED);
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(heard->code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(heard->message(), ::testing::HasSubstr("withdrawn"));
  EXPECT_EQ(catalog_->SessionStateOf(SessionId("s1")), internal::v1::SESSION_STATE_LIVE);
  EXPECT_TRUE(Move("s1", internal::v1::SESSION_STATE_SUSPECT)->ok());
}

TEST_F(CommitterTest, AJudgementThatWasMadeIsNotWithdrawn) {
  Register("web", "a", "s1");
  store_->Next(Fate::kLostAfter);
  const Hearing heard = Move("s1", internal::v1::SESSION_STATE_ENDED);
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(catalog_->SessionStateOf(SessionId("s1")), internal::v1::SESSION_STATE_ENDED);
}

TEST_F(CommitterTest, AWithdrawalWhoseOutcomeIsUnknownIsSettledToo) {
  Register("web", "a", "s1");
  store_->Next(Fate::kLostBefore);
  store_->Next(Fate::kLostAfter);
  store_->Next(Fate::kLostBefore);
  const Hearing heard = Move("s1", internal::v1::SESSION_STATE_ENDED);
  AdvanceBy(absl::Seconds(5));
  EXPECT_EQ(heard->code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(catalog_->SessionStateOf(SessionId("s1")), internal::v1::SESSION_STATE_LIVE);
  EXPECT_EQ(heard->answers, 1);
}

TEST_F(CommitterTest, AJudgementDoesNotHoldForWhatTheSessionHasBecome) {
  Register("web", "a", "s1");
  Move("s1", internal::v1::SESSION_STATE_SUSPECT);
  store_->Next(Fate::kHeld);
  const Hearing back = Submit(std::make_shared<command::MoveSession>(
      SessionId("s1"), internal::v1::SESSION_STATE_LIVE,
      command::Reason{v1::CAUSE_RENEWED, "node-1", "it beats"}, NodeId("node-1")));
  Settle();
  const Hearing gone = Submit(std::make_shared<command::MoveSession>(
      SessionId("s1"), internal::v1::SESSION_STATE_ENDED,
      command::Reason{v1::CAUSE_EXPIRED, "node-1", "it was silent"}, NodeId("node-1")));
  Settle();
  store_->Release();
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(back->ok()) << back->message();
  EXPECT_EQ(gone->code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(catalog_->SessionStateOf(SessionId("s1")), internal::v1::SESSION_STATE_LIVE);
}

TEST_F(CommitterTest, AnOutcomeThatNothingTellsAnyMoreStaysUnknown) {
  store_->Next(Fate::kLostAfter);
  store_->ForgetVersions();
  const Hearing heard = Register("web", "a", "s1", "mine");
  OtherNodeCommits(*Registering("web", "a", "s1", "theirs"));
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(heard->code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(heard->message(), ::testing::HasSubstr("outcome unknown"));
  EXPECT_EQ(VersionOf("web", "a"), "theirs");
  // Its keys are free again.
  EXPECT_TRUE(Register("web", "a", "s2")->ok());
}

// The guard that fails may be of a record that we only read: it says nothing of our own write.
TEST_F(CommitterTest, OursIsFoundWhenTheRecordItOnlyReadHasChangedSince) {
  Register("web", "a", "s1");
  command::SetOverride::Wish wish{.name = Name("web", "a"),
                                  .mode = v1::OVERRIDE_MODE_DRAINING,
                                  .duration = absl::Hours(1),
                                  .must_exist = true};
  store_->Next(Fate::kLostAfter);
  const Hearing heard = Run(std::make_shared<command::SetOverride>(
      wish, command::Reason{v1::CAUSE_OVERRIDE_SET, "ada", ""}));
  const uint64_t written = catalog_->applied().value();
  OtherNodeCommits(*Registering("web", "a", "s1", "theirs"));
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(heard->revision(), written);
  EXPECT_EQ(VersionsOf(OverrideKeyOf(Name("web", "a"))), 1u);
}

TEST_F(CommitterTest, AnotherWhoWasFasterIsNotTakenForUs) {
  Register("web", "a", "s1");
  store_->Next(Fate::kLostBefore);
  const Hearing heard = Submit(Registering("web", "a", "s1", "mine"));
  Settle();
  OtherNodeCommits(*Registering("web", "a", "s1", "theirs"));
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(VersionOf("web", "a"), "mine");
  EXPECT_EQ(VersionsOf(key_), 3u);
}

TEST_F(CommitterTest, ARefusedSecondCopySaysNothingOfTheFirst) {
  store_->Next(Fate::kLostAfter);
  store_->Next(Fate::kRefused, 2);
  const Hearing heard = Register("web", "a", "s1");
  AdvanceBy(absl::Seconds(1));
  EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(VersionsOf(key_), 1u);
}

TEST_F(CommitterTest, TheCallerHearsOfAnUnknownOutcomeAtItsDeadlineAndTheSettlingGoesOn) {
  store_->Next(Fate::kLostBefore, 8);
  const Hearing heard = Submit(Registering("web", "a", "s1"), absl::Milliseconds(900));
  AdvanceBy(absl::Milliseconds(899));
  EXPECT_FALSE(heard->answer);
  AdvanceBy(absl::Milliseconds(1));
  EXPECT_EQ(heard->code(), kUnavailable);
  EXPECT_THAT(heard->message(), HasSubstr("outcome unknown"));
  AdvanceBy(absl::Seconds(20));
  EXPECT_TRUE(Registered("web", "a"));
  EXPECT_EQ(VersionsOf(key_), 1u);
  EXPECT_EQ(heard->answers, 1);
  EXPECT_EQ(committer_->counts().pending, 0u);
}

TEST_F(CommitterTest, AStoreThatDoesNotAnswerHoldsNoCallerBeyondItsDeadline) {
  store_->Next(Fate::kHeld);
  const Hearing heard = Submit(Registering("web", "a", "s1"), absl::Seconds(1));
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(heard->code(), kUnavailable);
  EXPECT_THAT(heard->message(), HasSubstr("outcome unknown"));
  store_->Release();
  Settle();
  EXPECT_TRUE(Registered("web", "a"));
  EXPECT_EQ(heard->answers, 1);
}

TEST_F(CommitterTest, OneThatWaitsForAnothersKeyIsDroppedAtItsDeadline) {
  store_->Next(Fate::kHeld);
  const Hearing first = Submit(Registering("web", "a", "s1"));
  const Hearing second = Submit(Registering("web", "a", "s2"), absl::Seconds(1));
  const Hearing third = Submit(Registering("web", "a", "s3"));
  AdvanceBy(absl::Seconds(1));
  EXPECT_EQ(second->code(), kDeadlineExceeded);
  EXPECT_THAT(second->message(), HasSubstr("nothing was done"));
  store_->Release();
  Settle();
  EXPECT_TRUE(first->ok());
  EXPECT_TRUE(third->ok());
  EXPECT_FALSE(catalog_->Session(SessionId("s2")).exists());
}

TEST_F(CommitterTest, ACommandWhoseDeadlineHasPassedIsNotCommitted) {
  const Hearing heard = Submit(Registering("web", "a", "s1"), absl::ZeroDuration());
  Settle();
  EXPECT_EQ(heard->code(), kDeadlineExceeded);
  EXPECT_TRUE(store_->groups().empty());
}

TEST_F(CommitterTest, ACommandWhoseCallerWentAwayIsNotCommitted) {
  bool gone = false;
  store_->Next(Fate::kHeld);
  Submit(Registering("web", "a", "s1"));
  const Hearing second =
      Submit(Registering("web", "a", "s2"), absl::Seconds(9), [&] { return gone; });
  Settle();
  gone = true;
  store_->Release();
  Settle();
  EXPECT_EQ(second->code(), kCancelled);
  EXPECT_EQ(store_->groups().size(), 1u);
}

TEST_F(CommitterTest, CommandsOfAGroupThatWasLostAreSubmittedAgainTogether) {
  store_->Next(Fate::kLostBefore);
  std::vector<Hearing> all;
  all.reserve(10);
  for (int i = 0; i < 10; ++i) {
    all.push_back(Submit(Registering("web", absl::StrCat("i", i), absl::StrCat("s", i))));
  }
  AdvanceBy(absl::Milliseconds(100));
  for (const Hearing& heard : all) EXPECT_TRUE(heard->ok()) << heard->message();
  EXPECT_EQ(store_->groups().size(), 2u);
}

TEST_F(CommitterTest, AReplicaThatLagsIsWaitedForAndThenTheCallerIsAnsweredAnyway) {
  store_->HoldChanges();
  const Hearing first = Register("web", "a", "s1");
  const Hearing second = Register("web", "a", "s1", "2");
  AdvanceBy(absl::Milliseconds(1999));
  EXPECT_FALSE(first->answer);
  AdvanceBy(absl::Milliseconds(1));
  EXPECT_TRUE(first->ok());
  // Its key is free only when the records are here.
  EXPECT_EQ(store_->groups().size(), 1u);
  store_->ReleaseChanges();
  Settle();
  EXPECT_TRUE(second->ok()) << second->message();
  EXPECT_EQ(VersionOf("web", "a"), "2");
}

// One that gives up must not leave those behind it waiting until somebody else comes.
TEST_F(CommitterTest, OneThatCannotDecideAgainLetsTheOthersPass) {
  Register("web", "a", "s1");
  store_->Next(Fate::kHeld);
  const Hearing first = Submit(Registering("web", "a", "s1", "mine"));
  Settle();
  const Hearing second = Submit(Registering("web", "a", "s1", "after"));
  Settle();
  store_->HoldChanges();
  OtherNodeCommits(*Registering("web", "a", "s1", "theirs"));
  Settle();
  store_->Release();
  AdvanceBy(absl::Seconds(2));
  EXPECT_EQ(first->code(), kUnavailable) << first->message();
  store_->ReleaseChanges();
  AdvanceBy(absl::Seconds(3));
  EXPECT_TRUE(second->ok()) << second->message();
}

TEST_F(CommitterTest, TheQueueHasALimit) {
  // All for one key, so that they wait.
  for (size_t i = 0; i < kMaxQueuedCommands; ++i) {
    committer_->Submit(
        std::make_shared<command::MoveSession>(SessionId("s"), internal::v1::SESSION_STATE_ENDED,
                                               command::Reason{}, NodeId("node-1")),
        base::Instant::InfiniteFuture(), [](const absl::StatusOr<Revision>&) {});
  }
  const Hearing heard = Submit(Registering("web", "a", "s1"));
  EXPECT_EQ(heard->code(), kResourceExhausted);
  EXPECT_THAT(heard->message(), HasSubstr("kMaxQueuedCommands"));
  Settle();
  EXPECT_TRUE(Register("web", "a", "s1")->answer);
}

TEST_F(CommitterTest, ACommandMaySubmitAnotherFromItsAnswer) {
  Hearing second;
  committer_->Submit(
      Registering("web", "a", "s1"), clock_.Steady() + absl::Seconds(9),
      [&](const absl::StatusOr<Revision>&) { second = Submit(Registering("web", "a", "s2")); });
  Settle();
  ASSERT_NE(second, nullptr);
  EXPECT_TRUE(second->ok());
}

// A store that refuses and forgets: what callers were told is what stands, written once.
TEST_F(CommitterTest, WhatCallersHeardIsWhatStandsUnderEveryFate) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    base::SeededRandom chance(seed);
    constexpr Fate kFates[] = {Fate::kThrough, Fate::kRefused, Fate::kLostBefore, Fate::kLostAfter};
    std::vector<std::pair<std::string, Hearing>> all;
    for (int i = 0; i < 40; ++i) {
      store_->Next(kFates[chance.Below(4)]);
      const std::string id = absl::StrCat("r", seed, "-", i);
      all.emplace_back(id, Submit(Registering("web", id, absl::StrCat("s", seed, "-", i % 3))));
      if (chance.Below(2) == 0) AdvanceBy(absl::Milliseconds(chance.Below(60)));
    }
    AdvanceBy(absl::Seconds(60));
    for (const auto& [id, heard] : all) {
      ASSERT_EQ(heard->answers, 1) << id;
      // Who was told that the outcome is unknown has been told the truth whatever it was.
      if (heard->code() != kUnavailable) {
        EXPECT_EQ(heard->ok(), Registered("web", id)) << id << " " << heard->message();
      }
      EXPECT_LE(VersionsOf(InstanceKeyOf(Name("web", id))), 1u) << id;
    }
    EXPECT_EQ(committer_->counts().pending, 0u);
  }
}

}  // namespace
}  // namespace rollcall::committer
