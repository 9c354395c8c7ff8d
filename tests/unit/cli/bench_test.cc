// The pure parts of `bench`: plan, schedule, percentiles, deliveries, verdicts, and how it reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "cli/bench/deliveries.h"
#include "cli/bench/plan.h"
#include "cli/bench/report.h"
#include "cli/bench/schedule.h"
#include "cli/bench/tally.h"
#include "cli/print/json.h"
#include "nlohmann/json.hpp"

namespace rollcall::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

base::Instant At(absl::Duration since) { return base::Instant::FromOrigin(since); }
absl::Duration Ms(double ms) { return absl::Milliseconds(ms); }

TEST(BenchPlanTest, TheDefaultIsWithinTheLimits) {
  EXPECT_TRUE(CheckPlan(Plan(), false).ok());
  EXPECT_EQ(Plan().instances(), 120u);
  EXPECT_EQ(Plan().takes(), absl::Seconds(13));
}

TEST(BenchPlanTest, LimitsAreNamedAndForceLiftsThem) {
  Plan fast;
  fast.rate = kMaxRate + 1;
  Plan longer;
  longer.time = kMaxTime + absl::Seconds(1);
  Plan wide;
  wide.connections = kMaxConnections + 1;
  const std::pair<Plan, const char*> kTable[] = {
      {fast, "--rate: at most 500 a second, to be gentle"},
      {longer, "--for: at most 5m, to be gentle"},
      {wide, "--connections: at most 32, to be gentle"}};
  for (const auto& [plan, expected] : kTable) {
    const absl::Status refused = CheckPlan(plan, false);
    EXPECT_TRUE(absl::IsInvalidArgument(refused));
    EXPECT_THAT(std::string(refused.message()), HasSubstr(expected));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("--force lifts this"));
    EXPECT_TRUE(CheckPlan(plan, true).ok());
  }
}

TEST(BenchPlanTest, SomeLimitsStayAlsoByForce) {
  Plan endless;
  endless.time = absl::Hours(24 * 365);
  EXPECT_THAT(std::string(CheckPlan(endless, true).message()), HasSubstr("20000000 calls in all"));
  Plan fast;
  fast.rate = 4'000'000'000;
  EXPECT_FALSE(CheckPlan(fast, true).ok());
  Plan wide;
  wide.connections = kMaxForcedConnections + 1;
  EXPECT_THAT(std::string(CheckPlan(wide, true).message()), HasSubstr("also with --force"));
  Plan nothing;
  nothing.rate = 0;
  EXPECT_THAT(std::string(CheckPlan(nothing, true).message()), HasSubstr("--rate: must be above"));
  Plan nobody;
  nobody.connections = 0;
  EXPECT_FALSE(CheckPlan(nobody, true).ok());
}

TEST(BenchPlanTest, EverySteadySessionBeatsFourTimesWithinItsTtl) {
  Plan plan;
  EXPECT_EQ(plan.steady(), 20u);
  plan.rate = 1;  // 4 beats a second
  EXPECT_EQ(plan.steady(), 10u);
  plan.ttl = absl::Seconds(1);
  EXPECT_EQ(plan.steady(), 1u);
}

TEST(BenchPlanTest, NothingStaysNearItsTtl) {
  Plan plan;
  EXPECT_EQ(plan.stay(), absl::Seconds(2));
  plan.ttl = absl::Seconds(1);
  EXPECT_EQ(plan.stay(), Ms(200));
}

TEST(BenchPlanTest, SaysBeforehandWhatItWillDo) {
  Plan plan;
  plan.ns = "rollcall-bench-1a2b3c4d";
  EXPECT_EQ(absl::StrJoin(Announcement(plan, {"10.0.0.1:7400", "node-1", "node-2", ""}), "\n"),
            "Measuring 10.0.0.1:7400 (node-1) for 10s over 4 connections, in namespace "
            "rollcall-bench-1a2b3c4d, which nobody else uses.\n"
            "Each second 50 registrations, as many deregistrations, 200 resolves and 200 "
            "heartbeats; a watch at this node and one at node-2.\n"
            "At most about 120 instances at a time, each in a session with a TTL of 10s; all are "
            "removed at the end, only the history tells of them.\n"
            "It takes about 13s; interrupt to end it sooner.");
}

TEST(BenchPlanTest, SaysWhyNoOtherNodeIsWatched) {
  const auto lines = Announcement(Plan(), {"h:1", "node-1", "", "No watch at another node."});
  EXPECT_THAT(lines[1], HasSubstr("a watch at this node."));
  EXPECT_EQ(lines.back(), "No watch at another node.");
}

TEST(BenchScheduleTest, CallsAreEvenlySpacedAndAsManyAsFit) {
  Schedule schedule(At(absl::Seconds(100)), 4, absl::Seconds(1));
  EXPECT_EQ(schedule.count(), 4u);
  EXPECT_EQ(schedule.next(), At(absl::Seconds(100)));
  EXPECT_EQ(schedule.TakeDue(At(absl::Seconds(99))), std::nullopt);
  std::vector<base::Instant> due;
  while (const auto at = schedule.TakeDue(At(absl::Seconds(200)))) due.push_back(*at);
  EXPECT_THAT(
      due, ElementsAre(At(absl::Seconds(100)), At(Ms(100'250)), At(Ms(100'500)), At(Ms(100'750))));
  EXPECT_EQ(schedule.next(), base::Instant::InfiniteFuture());
}

TEST(BenchScheduleTest, RoundingDoesNotAddUp) {
  Schedule schedule(At(absl::ZeroDuration()), 3, absl::Minutes(5));
  base::Instant last;
  while (const auto at = schedule.TakeDue(base::Instant::InfiniteFuture())) last = *at;
  EXPECT_EQ(schedule.count(), 900u);
  EXPECT_EQ(last, At(absl::Seconds(299) + absl::Seconds(1) * 2 / 3));
}

TEST(BenchScheduleTest, ACallIsDueAtItsMoment) {
  Schedule schedule(At(Ms(10)), 1, absl::Seconds(5));
  EXPECT_EQ(schedule.TakeDue(At(Ms(10))), At(Ms(10)));
  EXPECT_EQ(schedule.TakeDue(At(Ms(10))), std::nullopt);
}

TEST(BenchTallyTest, PercentilesAreValuesThatWereSeen) {
  std::vector<absl::Duration> values;
  for (int i = 200; i > 0; --i) values.push_back(Ms(i));
  const Percentiles p = PercentilesOf(values);
  EXPECT_EQ(p.p50, Ms(100));
  EXPECT_EQ(p.p90, Ms(180));
  EXPECT_EQ(p.p99, Ms(198));
  EXPECT_EQ(p.max, Ms(200));
}

TEST(BenchTallyTest, FewValuesAndNone) {
  const Percentiles one = PercentilesOf({Ms(3)});
  EXPECT_EQ(one.p50, Ms(3));
  EXPECT_EQ(one.p99, Ms(3));
  const Percentiles two = PercentilesOf({Ms(9), Ms(1)});
  EXPECT_EQ(two.p50, Ms(1));
  EXPECT_EQ(two.p90, Ms(9));
  EXPECT_EQ(PercentilesOf({}).max, absl::ZeroDuration());
}

TEST(BenchTallyTest, FailuresAreCountedByCodeAndAreNoLatencies) {
  Tally tally;
  tally.Ended(absl::OkStatus(), Ms(1));
  tally.Ended(absl::UnavailableError("gone"), Ms(5000));
  tally.Ended(absl::UnavailableError("away"), Ms(5000));
  tally.Failed("not told");
  EXPECT_EQ(tally.done(), 1u);
  EXPECT_EQ(tally.failed(), 3u);
  EXPECT_THAT(tally.failures(), ElementsAre(Pair("UNAVAILABLE", 2), Pair("not told", 1)));
  EXPECT_EQ(tally.percentiles().max, Ms(1));
}

TEST(BenchDeliveriesTest, CountsFromTheAcknowledgementToTheWatch) {
  Deliveries deliveries;
  deliveries.Acknowledged("a", At(Ms(10)));
  EXPECT_EQ(deliveries.missing(), 1u);
  deliveries.Told("a", At(Ms(17)));
  EXPECT_EQ(deliveries.missing(), 0u);
  EXPECT_EQ(deliveries.tally().percentiles().max, Ms(7));
}

TEST(BenchDeliveriesTest, AWatchThatIsToldFirstIsToldAtOnce) {
  Deliveries deliveries;
  deliveries.Told("a", At(Ms(10)));
  deliveries.Told("a", At(Ms(11)));
  EXPECT_EQ(deliveries.tally().done(), 0u);
  deliveries.Acknowledged("a", At(Ms(12)));
  EXPECT_EQ(deliveries.tally().done(), 1u);
  EXPECT_EQ(deliveries.tally().percentiles().max, absl::ZeroDuration());
}

TEST(BenchDeliveriesTest, OnlyWhatWasAcknowledgedCanBeMissing) {
  Deliveries deliveries;
  deliveries.Told("failed", At(Ms(1)));
  deliveries.Acknowledged("a", At(Ms(10)));
  deliveries.GiveUp("not told");
  EXPECT_EQ(deliveries.missing(), 0u);
  EXPECT_THAT(deliveries.tally().failures(), ElementsAre(Pair("not told", 1)));
}

BenchLine Line(std::string work, uint64_t per_second, absl::Duration good,
               std::vector<double> ms = {}) {
  BenchLine line{work, work, per_second, good, {}};
  for (const double latency : ms) line.tally.Took(Ms(latency));
  return line;
}

BenchReport SampleReport() {
  BenchReport report;
  report.plan.ns = "rollcall-bench-1a2b3c4d";
  report.target = {"10.0.0.1:7400", "node-1", "node-2", ""};
  report.took = absl::Seconds(12);
  report.lines = {Line("register", 50, Ms(50), {2.5, 12.34, 48}),
                  Line("resolve", 200, Ms(20), {0.0421, 0.5, 120.4}),
                  Line("heartbeat", 200, Ms(20), {0, 1, 2}), Line("watch", 50, Ms(50))};
  report.lines[2].tally.Failed("UNAVAILABLE");
  report.lines[2].tally.Failed("UNAVAILABLE");
  report.lines[2].tally.Failed("not acknowledged");
  return report;
}

TEST(BenchReportTest, VerdictsArePlain) {
  const BenchReport report = SampleReport();
  EXPECT_EQ(VerdictOf(report.lines[0]), Verdict::kGood);
  EXPECT_EQ(VerdictOf(report.lines[1]), Verdict::kSlow);
  EXPECT_EQ(VerdictOf(report.lines[2]), Verdict::kFailed);
  EXPECT_EQ(VerdictOf(report.lines[3]), Verdict::kNothing);
}

TEST(BenchReportTest, IsATableWithAVerdictPerLine) {
  EXPECT_EQ(BenchText(SampleReport(), Look()),
            "WORK        RATE  DONE  FAILED      P50     P90     P99     MAX  VERDICT\n"
            "register    50/s     3       0   12.3ms  48.0ms  48.0ms  48.0ms  good\n"
            "resolve    200/s     3       0  0.500ms   120ms   120ms   120ms  slow: 1 in 100 took "
            "longer than 20ms\n"
            "heartbeat  200/s     3       3   1.00ms  2.00ms  2.00ms  2.00ms  FAILED: 2 "
            "UNAVAILABLE, 1 not acknowledged\n"
            "watch       50/s     0       0        -       -       -       -  nothing was "
            "measured\n");
}

TEST(BenchReportTest, SaysThatItWasInterruptedAndThatThisMachineWasLate) {
  BenchReport report = SampleReport();
  report.interrupted = true;
  report.took = Ms(3200);
  report.late = {Ms(0), Ms(1), Ms(56.5), Ms(2345)};
  EXPECT_THAT(
      BenchText(report, Look()),
      ::testing::EndsWith("Interrupted after 3.2s.\n"
                          "This machine itself was late: 1 in 100 calls left 56.5ms or more "
                          "after their time, one 2.3s; that is part of the latencies.\n"));
}

TEST(BenchReportTest, IsAlsoOneJsonObject) {
  BenchReport report = SampleReport();
  report.lines = {report.lines[2], report.lines[3]};
  const auto json = nlohmann::json::parse(ToJson(BenchMessage(report), JsonShape::kPretty));
  EXPECT_EQ(json, nlohmann::json::parse(R"({
    "server": "10.0.0.1:7400", "node_id": "node-1", "other_node_id": "node-2",
    "namespace": "rollcall-bench-1a2b3c4d", "connections": 4, "seconds": 12.0,
    "interrupted": false, "ok": false, "left_behind": 0,
    "sent_late": {"p50_ms": 0.0, "p90_ms": 0.0, "p99_ms": 0.0, "max_ms": 0.0},
    "works": [
      {"work": "heartbeat", "per_second": 200, "done": 3, "failed": 3, "verdict": "failed",
       "failures": {"UNAVAILABLE": 2, "not acknowledged": 1}, "good_p99_ms": 20,
       "p50_ms": 1.0, "p90_ms": 2.0, "p99_ms": 2.0, "max_ms": 2.0},
      {"work": "watch", "per_second": 50, "done": 0, "failed": 0, "verdict": "nothing",
       "failures": {}, "good_p99_ms": 50}]})"));
}

TEST(BenchReportTest, WhatFailedIsTheErrorLine) {
  BenchReport report = SampleReport();
  EXPECT_EQ(std::string(Outcome(report).message()),
            "3 of 12 calls failed; see 'rollcall status' and the log of node-1");
  report.left_behind = 1;
  report.why_left_behind = "connection refused";
  EXPECT_THAT(
      std::string(Outcome(report).message()),
      ::testing::EndsWith("node-1; 1 session of namespace rollcall-bench-1a2b3c4d could not "
                          "be removed (connection refused); the registry ends them within "
                          "10s"));
  report.lines.clear();
  report.left_behind = 0;
  EXPECT_TRUE(Outcome(report).ok());
}

TEST(BenchReportTest, ProgressIsOneLine) {
  EXPECT_EQ(BenchProgress(Ms(4321), Plan(), 1810, 0), "4s of 12s, 1810 calls, none failed");
  EXPECT_EQ(BenchProgress(Ms(0), Plan(), 1, 1), "0s of 12s, 1 call, 1 failed");
}

}  // namespace
}  // namespace rollcall::cli
