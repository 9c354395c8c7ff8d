#include "tests/bench/measure/results.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace rollcall::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Samples Of(const std::vector<double>& values) {
  Samples samples;
  for (const double value : values) samples.Add(value);
  return samples;
}

TEST(SamplesTest, TheMedianIsTheMiddleOne) {
  EXPECT_EQ(Of({3, 1, 2}).median(), 2);
  EXPECT_EQ(Of({4, 1, 2, 3}).median(), 2.5);
  EXPECT_EQ(Of({7}).median(), 7);
}

TEST(SamplesTest, TheSpreadIsAShareOfTheMedian) {
  EXPECT_DOUBLE_EQ(Of({90, 100, 120}).spread(), 0.3);
  EXPECT_EQ(Of({0, 0, 0}).spread(), 0);
}

TEST(NumberTest, HasThreeDigitsThatMatter) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(4.0712), "4.07");
  EXPECT_EQ(Number(40.712), "40.7");
  EXPECT_EQ(Number(407.12), "407");
  EXPECT_EQ(Number(0.012345), "0.0123");
  EXPECT_EQ(Number(38249), "38\u202f200");
  EXPECT_EQ(Number(1234567), "1\u202f230\u202f000");
}

TEST(NumberTest, ARangeIsSaidOnlyIfThereIsOne) {
  EXPECT_EQ(MedianAndRange(Of({1, 2, 3})), "2.00 [1.00–3.00]");
  EXPECT_EQ(MedianAndRange(Of({2})), "2.00");
}

const Figure kRate = {"rate", "/s"};

WorkResult Measured() {
  WorkResult result;
  for (const double rate : {90.0, 100.0, 110.0}) result.Record(kLimit, kRate, rate);
  for (const double rate : {60.0, 65.0, 61.0}) result.Record(kOurs, kRate, rate);
  return result;
}

TEST(WorkResultTest, ColumnsAndRowsAreInTheOrderOfTheirFirstValues) {
  WorkResult result = Measured();
  result.Record("etcd", {"p50", "ms"}, 1);
  EXPECT_THAT(result.sides, ElementsAre(kLimit, kOurs, "etcd"));
  ASSERT_THAT(result.figures, SizeIs(2));
  EXPECT_EQ(result.figures[1].name, "p50");
  EXPECT_EQ(result.Find("p50", kOurs), nullptr);
}

TEST(TargetTest, IsHeldAgainstMedians) {
  const auto verdicts =
      Judge(Measured(), {AtLeast("rate", 0.6, kLimit), AtLeast("rate", 0.7, kLimit),
                         AtMost("rate", 61), AtMost("rate", 60)});
  ASSERT_THAT(verdicts, SizeIs(4));
  EXPECT_EQ(verdicts[0].text, "rate ≥ 0.600 × limit");
  EXPECT_DOUBLE_EQ(*verdicts[0].seen, 0.61);
  EXPECT_TRUE(verdicts[0].reached);
  EXPECT_FALSE(verdicts[1].reached);
  EXPECT_TRUE(verdicts[2].reached);
  EXPECT_FALSE(verdicts[3].reached);
}

TEST(TargetTest, NothingIsSaidOfASideThatWasNotThere) {
  EXPECT_THAT(Judge(Measured(), {AtLeast("rate", 5, "etcd")}), IsEmpty());
}

TEST(TargetTest, AFigureThatWasNotMeasuredIsNotReached) {
  const auto verdicts = Judge(Measured(), {AtMost("p99", 50), AtMost("p99", 2, kLimit)});
  ASSERT_THAT(verdicts, SizeIs(2));
  EXPECT_FALSE(verdicts[0].seen.has_value());
  EXPECT_FALSE(verdicts[0].reached);
  EXPECT_FALSE(verdicts[1].seen.has_value());
}

TEST(TargetTest, ABoundThatAWorkComputedIsSaidInItsWords) {
  WorkResult result = Measured();
  result.Record(kBound, kRate, 60);
  const auto verdicts = Judge(result, {AtLeast("rate", 1, kBound, "half of everything")});
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].text, "rate ≥ half of everything");
  EXPECT_TRUE(verdicts[0].reached);
}

}  // namespace
}  // namespace rollcall::bench
