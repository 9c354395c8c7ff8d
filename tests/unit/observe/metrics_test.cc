#include "server/observe/metrics.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/observe/process_metrics.h"

namespace rollcall::observe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricNamesTest, NamesAreUniqueAndFollowTheConvention) {
  std::set<std::string> seen;
  for (const MetricInfo& info : AllMetrics()) {
    const std::string name = info.name;
    EXPECT_TRUE(seen.insert(name).second) << name;
    EXPECT_TRUE(absl::StartsWith(name, "rollcall_") || absl::StartsWith(name, "process_")) << name;
    EXPECT_EQ(absl::EndsWith(name, "_total"), info.type == MetricType::kCounter) << name;
    const std::string unit = info.unit;
    if (!unit.empty()) {
      EXPECT_THAT(name, HasSubstr("_" + unit));
    }
    EXPECT_TRUE(absl::EndsWith(info.help, ".") || absl::EndsWith(info.help, "`.")) << name;
  }
}

TEST(MetricNamesTest, ThePageNamesEveryMetric) {
  const std::string page = MetricsPage();
  for (const MetricInfo& info : AllMetrics()) {
    EXPECT_THAT(page, HasSubstr(std::string("| `") + info.name + "` |"));
  }
}

TEST(MetricsTest, SourcesAreReadAtEachScrape) {
  Metrics metrics;
  double watchers = 3;
  metrics.AddSource([&](Reading& reading) {
    reading.Set(Metric::kWatchers, watchers);
    reading.Set(Metric::kSuspects, 2, {{"cause", "stream_broken"}});
  });
  EXPECT_THAT(metrics.Scrape(), HasSubstr("\nrollcall_watchers 3\n"));
  watchers = 4;
  const std::string text = metrics.Scrape();
  EXPECT_THAT(text, HasSubstr("\nrollcall_watchers 4\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE rollcall_suspects_total counter\n"
                              "rollcall_suspects_total{cause=\"stream_broken\"} 2\n"));
}

TEST(MetricsTest, TwoSourcesOfOneSeriesAddUp) {
  Metrics metrics;
  for (int i = 1; i <= 2; ++i) {
    metrics.AddSource([i](Reading& reading) { reading.Set(Metric::kFramesEncoded, i); });
  }
  EXPECT_THAT(metrics.Scrape(), HasSubstr("rollcall_watch_frames_encoded_total 3\n"));
}

TEST(MetricsTest, CountersAndHistogramsKeepWhatWasAdded) {
  Metrics metrics;
  auto& counter = metrics.Counter(Metric::kRpcRequests, {{"method", "Resolve"}, {"code", "OK"}});
  counter.Increment();
  metrics.Add(Metric::kRpcRequests, 2, {{"method", "Resolve"}, {"code", "OK"}});
  metrics.Observe(Metric::kCommitDuration, 0.003);
  metrics.Observe(Metric::kCommitGroup, 12);
  const std::string text = metrics.Scrape();
  EXPECT_THAT(text, HasSubstr("rollcall_rpc_requests_total{code=\"OK\",method=\"Resolve\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("rollcall_commit_duration_seconds_bucket{le=\"0.0025\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("rollcall_commit_duration_seconds_bucket{le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("rollcall_commit_group_transactions_sum 12\n"));
}

TEST(MetricsTest, RemovedSourcesAreNotRead) {
  Metrics metrics;
  metrics.AddSource([](Reading& reading) { reading.Set(Metric::kWatchers, 1); });
  metrics.RemoveSources();
  EXPECT_THAT(metrics.Scrape(), Not(HasSubstr("rollcall_watchers")));
}

TEST(MetricsDeathTest, AWrongLabelIsABrokenInvariant) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Metrics metrics;
  EXPECT_DEATH(metrics.Add(Metric::kRpcRequests, 1, {{"method", "Resolve"}}), "broken invariant");
}

TEST(ProcessMetricsTest, TellsOfThisProcess) {
  Metrics metrics;
  metrics.AddSource(ReadProcess);
  const std::string text = metrics.Scrape();
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                           "process_open_fds", "process_max_fds", "process_start_time_seconds"}) {
    EXPECT_THAT(text, HasSubstr(std::string("\n") + name + " "));
  }
}

}  // namespace
}  // namespace rollcall::observe
