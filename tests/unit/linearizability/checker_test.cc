// The search itself, on a plain register: what it accepts, what it refuses and why, and its bound.
#include "tests/linearizability/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/unit/linearizability/number_model.h"

namespace rollcall::linearizability {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Numbers = std::vector<Operation<NumberCall>>;

constexpr uint64_t kPlenty = 1'000'000;

Operation<NumberCall> Write(int value, Instant invoked, Instant returned = kNever) {
  return {{NumberCall::Kind::kWrite, value}, invoked, returned};
}
Operation<NumberCall> Read(int value, Instant invoked, Instant returned) {
  return {{NumberCall::Kind::kRead, value}, invoked, returned};
}
Operation<NumberCall> Swap(int expected, int value, bool done, Instant invoked, Instant returned) {
  return {{NumberCall::Kind::kSwap, value, expected, done}, invoked, returned};
}
Verdict Check(const Numbers& history) {
  return Checker<NumberModel>(kPlenty).Check(history).verdict;
}

TEST(CheckerTest, AcceptsWhatIsInOrder) {
  EXPECT_EQ(Check({}), Verdict::kYes);
  EXPECT_EQ(Check({Read(0, 1, 2), Write(1, 3, 4), Read(1, 5, 6)}), Verdict::kYes);
}

TEST(CheckerTest, AcceptsEitherOrderOfWhatOverlaps) {
  for (const int seen : {1, 2}) {
    EXPECT_EQ(Check({Write(1, 1, 10), Write(2, 2, 9), Read(seen, 11, 12)}), Verdict::kYes) << seen;
  }
  EXPECT_EQ(Check({Write(1, 1, 10), Read(1, 2, 3), Read(1, 4, 12)}), Verdict::kYes);
  EXPECT_EQ(Check({Write(1, 1, 10), Read(0, 2, 3), Read(1, 4, 5)}), Verdict::kYes);
}

TEST(CheckerTest, TakesWhatTouchesForOverlapping) {
  EXPECT_EQ(Check({Write(1, 1, 5), Read(0, 5, 6)}), Verdict::kYes);
  EXPECT_EQ(Check({Write(1, 1, 5), Read(0, 6, 7)}), Verdict::kNo);
}

TEST(CheckerTest, RefusesAStaleRead) {
  EXPECT_EQ(Check({Write(1, 1, 2), Write(2, 3, 4), Read(1, 5, 6)}), Verdict::kNo);
}

TEST(CheckerTest, RefusesALostWrite) {
  EXPECT_EQ(Check({Write(1, 1, 2), Read(0, 3, 4)}), Verdict::kNo);
}

TEST(CheckerTest, RefusesAReadThatGoesBack) {
  EXPECT_EQ(Check({Write(1, 1, 2), Write(2, 3, 20), Read(2, 4, 5), Read(1, 6, 7)}), Verdict::kNo);
  // Of a write whose outcome is not known, too: it was seen.
  EXPECT_EQ(Check({Write(1, 1, 2), Write(2, 3), Read(2, 4, 5), Read(1, 6, 7)}), Verdict::kNo);
}

TEST(CheckerTest, RefusesAReadOfTheFuture) {
  EXPECT_EQ(Check({Read(1, 1, 2), Write(1, 3, 4)}), Verdict::kNo);
}

TEST(CheckerTest, RefusesWhatTwoReadersSawInDifferentOrders) {
  EXPECT_EQ(Check({Write(1, 1, 20), Write(2, 1, 20), Read(1, 2, 3), Read(2, 4, 5), Read(1, 6, 7)}),
            Verdict::kNo);
}

TEST(CheckerTest, RefusesTwoSwapsOfOneValue) {
  EXPECT_EQ(Check({Swap(0, 1, true, 1, 9), Swap(0, 2, false, 1, 9)}), Verdict::kYes);
  EXPECT_EQ(Check({Swap(0, 1, true, 1, 9), Swap(0, 2, true, 1, 9)}), Verdict::kNo);
}

TEST(CheckerTest, AnUnknownOutcomeMayBeNever) {
  EXPECT_EQ(Check({Write(1, 1, 2), Write(2, 3), Read(1, 100, 101)}), Verdict::kYes);
}

TEST(CheckerTest, AnUnknownOutcomeMayComeLate) {
  EXPECT_EQ(Check({Write(1, 1), Write(2, 3, 4), Read(2, 5, 6), Read(1, 100, 101)}), Verdict::kYes);
}

TEST(CheckerTest, AnUnknownOutcomeComesOnce) {
  EXPECT_EQ(Check({Write(1, 1), Write(2, 2, 3), Read(1, 4, 5), Write(2, 6, 7), Read(1, 8, 9)}),
            Verdict::kNo);
}

TEST(CheckerTest, AnUnknownOutcomeIsNoneBeforeItWasAskedFor) {
  EXPECT_EQ(Check({Read(1, 1, 2), Write(1, 3)}), Verdict::kNo);
}

TEST(CheckerTest, ManyUnknownOutcomesCostLittle) {
  Numbers history;
  for (int i = 1; i <= 30; ++i) history.push_back(Write(i, i));
  for (int i = 0; i < 200; ++i) {
    history.push_back(Write(1000 + i, 100 + 4 * i, 101 + 4 * i));
    history.push_back(Read(1000 + i, 102 + 4 * i, 103 + 4 * i));
  }
  // Some come out in the end, one after the other.
  for (int i = 1; i <= 10; ++i) history.push_back(Read(i, 2000 + 2 * i, 2001 + 2 * i));
  const Result result = Checker<NumberModel>(kPlenty).Check(history);
  EXPECT_EQ(result.verdict, Verdict::kYes) << result.why;
  history.push_back(Read(1, 3000, 3001));
  EXPECT_EQ(Check(history), Verdict::kNo);
}

TEST(CheckerTest, ManyTriesOfTheSameCostLittle) {
  Numbers history;
  for (int i = 1; i <= 100; ++i) history.push_back(Write(1, i));
  // Each is seen once, undone by another write.
  for (int i = 1; i <= 100; ++i) {
    history.push_back(Read(1, 1000 + 10 * i, 1001 + 10 * i));
    history.push_back(Write(2, 1002 + 10 * i, 1003 + 10 * i));
  }
  const Result result = Checker<NumberModel>(200'000).Check(history);
  EXPECT_EQ(result.verdict, Verdict::kYes) << result.why;
  history.push_back(Read(1, 3000, 3001));
  EXPECT_EQ(Check(history), Verdict::kNo);
}

TEST(CheckerTest, SaysWhenItsStepsWereNotEnough) {
  Numbers history;
  // Whoever read last in what order: all orders of twelve writes.
  for (int i = 1; i <= 12; ++i) history.push_back(Write(i, 1, 100));
  history.push_back(Read(99, 2, 99));
  const Result result = Checker<NumberModel>(50).Check(history);
  EXPECT_EQ(result.verdict, Verdict::kBoundExceeded);
  EXPECT_GT(result.steps, 50u);
  EXPECT_THAT(result.why, HasSubstr("given up"));
  EXPECT_EQ(Check(history), Verdict::kNo);
}

TEST(CheckerTest, ExplainsWithWhatOverlapsAndCannotBeLeftOut) {
  const Result result = Checker<NumberModel>(kPlenty).Check(
      {Write(1, 1, 2), Write(7, 10, 90), Read(7, 20, 30), Read(1, 25, 28), Read(1, 40, 50)});
  ASSERT_EQ(result.verdict, Verdict::kNo);
  EXPECT_THAT(result.why, HasSubstr("write 7"));
  EXPECT_THAT(result.why, HasSubstr("0.000000 to     0.000000  read -> 1"));
  EXPECT_THAT(result.why, HasSubstr("this was the state:\n  7\n"));
  EXPECT_THAT(result.why, Not(HasSubstr("or 1")));
}

TEST(CheckerTest, LeavesReadsOutOfAnExplanationThatItDoesNotNeed) {
  const Result result = Checker<NumberModel>(kPlenty).Check(
      {Write(1, 1, 2), Read(1, 20, 60), Write(2, 21, 61), Read(3, 30, 50)});
  ASSERT_EQ(result.verdict, Verdict::kNo);
  EXPECT_THAT(result.why, HasSubstr("read -> 3"));
  EXPECT_THAT(result.why, HasSubstr("write 2"));
  EXPECT_THAT(result.why, Not(HasSubstr("read -> 1")));
}

TEST(CheckerTest, NamesTheKeyThatIsWrong) {
  History<NumberCall> history;
  history["right"] = {Write(1, 1, 2), Read(1, 3, 4)};
  history["wrong"] = {Write(1, 1, 2), Read(0, 3, 4)};
  const Result result = CheckAll<NumberModel>(history, kPlenty);
  EXPECT_EQ(result.verdict, Verdict::kNo);
  EXPECT_THAT(result.why, HasSubstr("wrong: not linearizable"));
}

}  // namespace
}  // namespace rollcall::linearizability
