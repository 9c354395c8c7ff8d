#include "server/cluster/isolation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "client-sdk/base/random.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class IsolationTest : public ::testing::Test {
 protected:
  IsolationTest() { Present({"a", "b", "c"}); }

  void Present(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      internal::v1::NodeRecord record;
      record.set_grpc_address(id + ":7400");
      directory_.OnControl("n/" + id, Revision(++revision_), record.SerializeAsString());
    }
  }
  void CutOff() {
    isolation_.SetCutOff(true);
    executor_.AdvanceBy(Isolation::kAskEvery);
  }
  void InTouchAgain() {
    isolation_.SetCutOff(false);
    executor_.RunReady();
  }

  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{1};
  NodeDirectory directory_{clock_};
  uint64_t revision_ = 0;
  std::set<std::string> in_touch_;
  bool answers_ = true;
  std::vector<Isolation::Answer> unanswered_;
  std::multiset<std::string> asked_;
  std::vector<bool> told_;
  Isolation isolation_{
      NodeId("a"),
      directory_,
      executor_,
      clock_,
      random_,
      [this](const PresentNode& node, Isolation::Answer answer) {
        asked_.insert(node.record.id());
        if (!answers_) return unanswered_.push_back(std::move(answer));
        const bool in_touch = in_touch_.contains(node.record.id());
        executor_.Post([in_touch, answer = std::move(answer)]() mutable { answer(in_touch); });
      },
      [this](bool isolated) { told_.push_back(isolated); }};
};

TEST_F(IsolationTest, ANodeInTouchAsksNobody) {
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_FALSE(isolation_.isolated());
}

TEST_F(IsolationTest, OneOtherInTouchIsEnough) {
  in_touch_ = {"c"};
  CutOff();
  EXPECT_THAT(asked_, UnorderedElementsAre("b", "c"));
  EXPECT_TRUE(isolation_.isolated());
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(told_, ElementsAre(true));
}

// The others notice a little later that the store went away from all.
TEST_F(IsolationTest, AsksFirstWhenItHasLasted) {
  in_touch_ = {"b", "c"};
  isolation_.SetCutOff(true);
  executor_.AdvanceBy(Isolation::kAskEvery / 2);
  in_touch_.clear();
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(IsolationTest, ANodeThatFindsTheStoreSoonAsksNobody) {
  isolation_.SetCutOff(true);
  executor_.AdvanceBy(Isolation::kAskEvery / 2);
  InTouchAgain();
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(IsolationTest, IfAllAreCutOffNobodyIsIsolated) {
  CutOff();
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_EQ(asked_.count("b"), 61u);
}

TEST_F(IsolationTest, IfNobodyAnswersItIsNotIsolated) {
  answers_ = false;
  CutOff();
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(IsolationTest, WhoKnowsOfNobodyIsNotIsolated) {
  for (const char* id : {"n/b", "n/c"}) directory_.OnControl(id, Revision(10), std::nullopt);
  in_touch_ = {"a", "b", "c"};
  CutOff();
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(IsolationTest, EndsWhenTheOthersAreCutOffToo) {
  in_touch_ = {"b", "c"};
  CutOff();
  in_touch_.clear();
  executor_.AdvanceBy(absl::Seconds(2));
  EXPECT_TRUE(isolation_.isolated());
  executor_.AdvanceBy(Isolation::kBelieved);
  EXPECT_FALSE(isolation_.isolated());
  EXPECT_THAT(told_, ElementsAre(true, false));
}

TEST_F(IsolationTest, BeginsWhenOthersAreInTouchAgainFirst) {
  CutOff();
  executor_.AdvanceBy(absl::Minutes(1));
  in_touch_ = {"b"};
  executor_.AdvanceBy(Isolation::kAskEvery);
  EXPECT_TRUE(isolation_.isolated());
}

TEST_F(IsolationTest, EndsAtOnceWhenThisNodeIsInTouchAgain) {
  in_touch_ = {"b", "c"};
  CutOff();
  InTouchAgain();
  EXPECT_FALSE(isolation_.isolated());
  const size_t asked = asked_.size();
  executor_.AdvanceBy(absl::Minutes(1));
  EXPECT_EQ(asked_.size(), asked);
  CutOff();
  EXPECT_THAT(told_, ElementsAre(true, false, true));
}

TEST_F(IsolationTest, AnAnswerThatComesAfterwardsCountsForNothing) {
  in_touch_ = {"b", "c"};
  answers_ = false;
  CutOff();
  ASSERT_EQ(unanswered_.size(), 2u);
  isolation_.SetCutOff(false);
  isolation_.SetCutOff(true);
  for (Isolation::Answer& answer : unanswered_) answer(true);
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(IsolationTest, OfManyNodesAFewAreAskedEachTimeAndOthersTheNext) {
  for (int i = 0; i < 50; ++i) Present({"n" + std::to_string(i)});
  CutOff();
  EXPECT_EQ(asked_.size(), Isolation::kAsked);
  const auto first = asked_;
  executor_.AdvanceBy(Isolation::kAskEvery);
  EXPECT_EQ(asked_.size(), 2 * Isolation::kAsked);
  EXPECT_GT(std::set<std::string>(asked_.begin(), asked_.end()).size(), first.size());
  EXPECT_THAT(asked_.count("a"), 0u);
}

}  // namespace
}  // namespace rollcall::cluster
