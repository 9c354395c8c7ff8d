// Histories of one instance: right ones are accepted, and what must never be seen is refused.
#include "tests/linearizability/instance_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/linearizability/checker.h"
#include "tests/unit/linearizability/any_order.h"

namespace rollcall::linearizability {
namespace {

using Calls = std::vector<Operation<InstanceCall>>;

struct When {
  Instant invoked = 0;
  Instant returned = 0;
};

// As a story: what is told one after the other happens so, unless it says when.
class InstanceModelTest : public ::testing::Test {
 protected:
  using Kind = InstanceCall::Kind;

  // Invoked now and never answered.
  When Unanswered() { return {++now_, kNever}; }
  // From this instant on, until now.
  When Since(Instant invoked) { return {invoked, ++now_}; }
  Instant Now() { return ++now_; }

  void Registers(const std::string& session, const std::string& spec, uint64_t epoch,
                 uint64_t revision, When when = {}) {
    Add({Kind::kRegister, session, spec, false, epoch, revision}, when);
  }
  void IsRefused(const std::string& session, When when = {}) {
    Add({Kind::kRefused, session, "x"}, when);
  }
  void Deregisters(const std::string& session, uint64_t revision, bool whole = false,
                   When when = {}) {
    Add({Kind::kDeregister, session, "", whole, 0, revision}, when);
  }
  void Ends(const std::string& session, When when = {}) { Add({Kind::kEnd, session}, when); }
  void Removed(const std::string& session, When when = {}) { Add({Kind::kRemove, session}, when); }
  void Takes(uint64_t revision, When when = {}) {
    Add({Kind::kTake, "", "", false, 0, revision}, when);
  }
  void Reads(const std::string& spec, uint64_t epoch, uint64_t revision, When when = {}) {
    Add({Kind::kGet, "", spec, false, epoch, revision}, when);
  }
  void ReadsAbsent(When when = {}) { Add({Kind::kGet}, when); }

  Verdict Judged() {
    const Result result = Checker<InstanceModel>(100'000).Check(history_);
    EXPECT_EQ(AnyOrder<InstanceModel>(history_).Explains(), result.verdict == Verdict::kYes);
    return result.verdict;
  }

 private:
  void Add(InstanceCall call, When when) {
    if (when.invoked == 0) when = {now_ + 1, now_ + 2};
    if (when.returned != kNever) now_ = std::max(now_, when.returned);
    history_.push_back({std::move(call), when.invoked, when.returned});
  }

  Instant now_ = 0;
  Calls history_;
};

TEST_F(InstanceModelTest, ALifeIsAccepted) {
  ReadsAbsent();
  Registers("s1", "a", 5, 6);
  Reads("a", 5, 6);
  Registers("s1", "a", 5, 9);  // as it stands
  Registers("s1", "b", 10, 11);
  Reads("b", 10, 12);  // its session changed its state since
  Deregisters("s1", 13);
  ReadsAbsent();
  Registers("s1", "b", 14, 15);
  Reads("b", 14, 15);
  EXPECT_EQ(Judged(), Verdict::kYes);
}

TEST_F(InstanceModelTest, AStaleReadIsRefused) {
  Registers("s1", "a", 5, 6);
  Registers("s2", "b", 7, 8);
  Reads("a", 5, 6);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, ALostRegistrationIsRefused) {
  Registers("s1", "a", 5, 6);
  ReadsAbsent();
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, ARemovalThatIsNotThereIsRefused) {
  Registers("s1", "a", 5, 6);
  Deregisters("s1", 7);
  Reads("a", 5, 6);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, TwoOwnersAtOnceAreRefused) {
  // Each is told that it holds the instance after the other was.
  Registers("s1", "a", 5, 6);
  Registers("s2", "a", 7, 8);
  Registers("s1", "a", 5, 9);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, TheEpochOfAnotherIsRefused) {
  Registers("s1", "a", 5, 6);
  Registers("s2", "a", 5, 8);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, AnEpochThatGoesBackIsRefusedAlsoAfterARemoval) {
  Registers("s1", "a", 5, 6);
  Deregisters("s1", 7);
  Registers("s2", "a", 4, 9);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, WhoLostItNeverComesBack) {
  Registers("s1", "a", 5, 6);
  Registers("s2", "b", 7, 8);
  Registers("s1", "c", 9, 10);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, ADelayedOlderWriteDoesNotComeBackEither) {
  Registers("s1", "a", 5, 6);
  Registers("s1", "late", 0, 0, Unanswered());
  Registers("s2", "b", 8, 9);
  Reads("late", 10, 11);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, AnUnansweredRegistrationMayComeLate) {
  Registers("s1", "late", 0, 0, Unanswered());
  Registers("s2", "b", 8, 9);
  Reads("b", 8, 9);
  Reads("late", 10, 11);
  Reads("late", 10, 12);
  IsRefused("s2");
  EXPECT_EQ(Judged(), Verdict::kYes);
}

TEST_F(InstanceModelTest, AnUnansweredRegistrationHasOneEpoch) {
  Registers("s1", "late", 0, 0, Unanswered());
  Reads("late", 10, 11);
  Reads("late", 12, 13);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, ARepetitionTellsWhatTheUnansweredOneDid) {
  Registers("s1", "a", 0, 0, Unanswered());
  Registers("s1", "a", 5, 9);
  Reads("a", 5, 6);
  EXPECT_EQ(Judged(), Verdict::kYes);
}

TEST_F(InstanceModelTest, AnUnansweredRemovalMayComeLateButOnce) {
  Registers("s1", "a", 5, 6);
  Deregisters("s1", 0, false, Unanswered());
  Reads("a", 5, 6);
  ReadsAbsent();
  EXPECT_EQ(Judged(), Verdict::kYes);
  Registers("s1", "a", 7, 8);
  ReadsAbsent();
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, ARemovalByWhoLostItRemovesNothing) {
  Registers("s1", "a", 5, 6);
  Registers("s2", "b", 7, 8);
  Deregisters("s1", 9);
  ReadsAbsent();
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, ARefusalWithoutACauseIsRefused) {
  Registers("s1", "a", 5, 6);
  IsRefused("s1");
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, ARefusalMayTellOfAnUnansweredRegistration) {
  Registers("s1", "a", 5, 6);
  Registers("s2", "b", 0, 0, Unanswered());
  IsRefused("s1");
  EXPECT_EQ(Judged(), Verdict::kYes);
  // And then it has happened.
  Reads("a", 5, 6);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, AnEndedSessionRegistersNothing) {
  Registers("s1", "a", 5, 6);
  Ends("s1");
  Reads("a", 5, 8);  // removed in a moment
  Removed("s1");
  ReadsAbsent();
  IsRefused("s1");
  EXPECT_EQ(Judged(), Verdict::kYes);
  Registers("s1", "a", 9, 10);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, AWholeSessionThatWasDeregisteredIsOver) {
  Registers("s1", "a", 5, 6);
  Deregisters("s1", 7, true);
  Registers("s1", "a", 9, 10);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, WhatIsRemovedOfAnotherIsRefused) {
  Registers("s1", "a", 5, 6);
  Registers("s2", "a", 7, 8);
  Removed("s1");
  ReadsAbsent();
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, AnEvictionBeforeItsTimeIsRefused) {
  Registers("s1", "a", 5, 6);
  ReadsAbsent();
  Removed("s1");
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, WhatAnOperatorTookIsGoneForItsOwner) {
  Registers("s1", "a", 5, 6);
  Takes(8);
  ReadsAbsent();
  IsRefused("s1");
  Registers("s2", "a", 9, 10);
  EXPECT_EQ(Judged(), Verdict::kYes);
  Registers("s1", "a", 11, 12);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, ARevisionBelowTheWritesIsRefused) {
  Registers("s1", "a", 5, 6);
  Reads("a", 5, 5);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(InstanceModelTest, AReadThatGoesBackIsRefused) {
  Registers("s1", "a", 5, 6);
  const Instant begun = Now();
  Reads("b", 7, 8);
  Reads("a", 5, 6);
  Registers("s2", "b", 7, 8, Since(begun));
  EXPECT_EQ(Judged(), Verdict::kNo);
}

}  // namespace
}  // namespace rollcall::linearizability
