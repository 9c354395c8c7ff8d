// Histories of one override: right ones are accepted, and what must never be seen is refused.
#include "tests/linearizability/override_model.h"

#include <gtest/gtest.h>

#include "tests/linearizability/checker.h"
#include "tests/unit/linearizability/any_order.h"

namespace rollcall::linearizability {
namespace {

class OverrideModelTest : public ::testing::Test {
 protected:
  using Kind = OverrideCall::Kind;

  void Sets(const std::string& what, const std::string& actor, uint64_t revision) {
    Add({Kind::kSet, what, actor, revision});
  }
  void Clears(uint64_t revision) { Add({Kind::kClear, "", "x", revision}); }
  void Reads(const std::string& what, const std::string& actor, uint64_t revision) {
    Add({Kind::kGet, what, actor, revision});
  }
  void ReadsNone() { Add({Kind::kGet}); }
  void Unanswered() { history_.back().returned = kNever; }

  Verdict Judged() const {
    const Result result = Checker<OverrideModel>(100'000).Check(history_);
    EXPECT_EQ(AnyOrder<OverrideModel>(history_).Explains(), result.verdict == Verdict::kYes);
    return result.verdict;
  }

 private:
  void Add(OverrideCall call) {
    now_ += 2;
    history_.push_back({std::move(call), now_, now_ + 1});
  }

  Instant now_ = 0;
  std::vector<Operation<OverrideCall>> history_;
};

TEST_F(OverrideModelTest, TheNewestDecisionStands) {
  ReadsNone();
  Sets("drain", "ann", 5);
  Reads("drain", "ann", 5);
  Sets("drain", "bob", 6);  // It stands already.
  Reads("drain", "ann", 5);
  Sets("out", "bob", 7);
  Reads("out", "bob", 7);
  Clears(8);
  ReadsNone();
  Clears(9);
  EXPECT_EQ(Judged(), Verdict::kYes);
}

TEST_F(OverrideModelTest, AStaleReadIsRefused) {
  Sets("drain", "ann", 5);
  Sets("out", "bob", 7);
  Reads("drain", "ann", 5);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(OverrideModelTest, ALostDecisionIsRefused) {
  Sets("drain", "ann", 5);
  ReadsNone();
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(OverrideModelTest, AClearedOneThatIsBackIsRefused) {
  Sets("drain", "ann", 5);
  Clears(6);
  Reads("drain", "ann", 5);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(OverrideModelTest, TheNameOfWhoSaidItSecondIsRefused) {
  Sets("drain", "ann", 5);
  Sets("drain", "bob", 6);
  Reads("drain", "bob", 6);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(OverrideModelTest, AnUnansweredDecisionMayComeLateOrNever) {
  Sets("drain", "ann", 0);
  Unanswered();
  ReadsNone();
  Sets("out", "bob", 7);
  Reads("out", "bob", 7);
  EXPECT_EQ(Judged(), Verdict::kYes);
  Reads("drain", "ann", 9);
  EXPECT_EQ(Judged(), Verdict::kYes);
  Reads("out", "bob", 7);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

TEST_F(OverrideModelTest, AnotherRevisionThanThatWhichSetItIsRefused) {
  Sets("drain", "ann", 5);
  Reads("drain", "ann", 6);
  EXPECT_EQ(Judged(), Verdict::kNo);
}

}  // namespace
}  // namespace rollcall::linearizability
