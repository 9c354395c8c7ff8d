#include "tests/bench/measure/reports.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/bench/measure/machine.h"

namespace rollcall::bench {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ReportsTest : public ::testing::Test {
 protected:
  ReportsTest() {
    report_.effort = "normal";
    report_.machine.processor = "a <fast> one";
    report_.machine.cores = 2;
    report_.machine.build = "release";
    WorkReport work;
    work.result.name = "resolve";
    work.result.title = "resolve a service";
    for (const double rate : {100.0, 101.0, 102.0}) {
      work.result.Record(kLimit, {"rate", "/s"}, rate);
      work.result.Record(kOurs, {"rate", "/s"}, rate / 2);
    }
    work.result.latencies[kOurs].Add(absl::Milliseconds(7));
    work.result.notes.push_back("a & b");
    work.verdicts = Judge(work.result, {AtLeast("rate", 0.8, kLimit), AtMost("p99", 3)});
    report_.works.push_back(work);
  }
  WorkResult& result() { return report_.works[0].result; }

  RunReport report_;
};

TEST_F(ReportsTest, TheTableSaysWhatWasReached) {
  const std::string text = WorkText(report_.works[0]);
  EXPECT_THAT(text, AllOf(HasSubstr("resolve: resolve a service"), HasSubstr("rate, /s"),
                          HasSubstr("101 [100–102]"), HasSubstr("50.5 [50.0–51.0]"),
                          HasSubstr("rate ≥ 0.800 × limit: 0.500  NOT REACHED"),
                          HasSubstr("p99 ≤ 3.00: not measured")));
}

TEST_F(ReportsTest, AWorkThatFailedSaysWhy) {
  result().failure = "no disk";
  EXPECT_THAT(WorkText(report_.works[0]), HasSubstr("FAILED: no disk"));
  EXPECT_THAT(SummaryText(report_), HasSubstr("FAILED"));
}

TEST_F(ReportsTest, JsonHoldsEveryRepetition) {
  const nlohmann::json run = nlohmann::json::parse(Json(report_));
  const nlohmann::json& work = run["works"][0];
  EXPECT_EQ(work["figures"][0]["sides"]["limit"]["values"], (std::vector<double>{100, 101, 102}));
  EXPECT_EQ(work["figures"][0]["sides"]["rollcall"]["median"], 50.5);
  EXPECT_EQ(work["targets"][0]["reached"], false);
  EXPECT_TRUE(work["targets"][1]["reached"].is_null());
  EXPECT_EQ(work["latencies"]["rollcall"]["percentiles_ms"]["p50.0"], 7.0);
}

TEST_F(ReportsTest, ThePageNeedsNothingElseAndEscapesWhatItSays) {
  const std::string html = Html(report_);
  EXPECT_THAT(html, AllOf(HasSubstr("<svg"), HasSubstr("a &lt;fast&gt; one"),
                          HasSubstr("a &amp; b"), HasSubstr("not reached")));
  EXPECT_THAT(html, AllOf(Not(HasSubstr("http://")), Not(HasSubstr("https://")),
                          Not(HasSubstr("src=")), Not(HasSubstr("@import"))));
}

TEST_F(ReportsTest, AQuietMachineIsNotComplainedOf) {
  Complain(report_);
  EXPECT_THAT(report_.machine.complaints, IsEmpty());
}

TEST_F(ReportsTest, ANoisyMachineIs) {
  report_.machine.others_before = 1.5;
  report_.machine.load_before = 7;
  report_.machine.stolen = 0.2;
  result().Record(kOurs, {"rate", "/s"}, 500);
  Complain(report_);
  EXPECT_THAT(report_.machine.complaints, AllOf(Contains(HasSubstr("others used 1.5 of 2 cores")),
                                                Contains(HasSubstr("load average was 7.0")),
                                                Contains(HasSubstr("hypervisor took 20 %")),
                                                Contains(HasSubstr("1 of 2 figures spread"))));
  EXPECT_THAT(WorkText(report_.works[0]), HasSubstr("~"));
  EXPECT_THAT(SummaryText(report_), HasSubstr("others used 1.5"));
}

TEST(MachineTest, TimeIsSharedOutAmongTheCores) {
  const MachineTime before = {100, 10, 1000};
  const MachineTime after = {200, 30, 1200};
  EXPECT_DOUBLE_EQ(CoresBusy(before, after, 2), 1.0);
  EXPECT_DOUBLE_EQ(ShareStolen(before, after), 0.1);
  EXPECT_EQ(CoresBusy(before, before, 2), 0);
}

}  // namespace
}  // namespace rollcall::bench
