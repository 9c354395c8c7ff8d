// Every metric, once: its name, type, unit, labels and meaning. docs/metrics.md is made from this
// table (`rollcalld --print-metrics-doc`), and the tidy test compares the two.
//
// Names follow Prometheus: the unit at the end, counters end in _total; what every process has
// keeps its usual name (process_…).
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace rollcall::observe {

enum class MetricType { kCounter, kGauge, kHistogram };

// In the order of the table in metric_names.cc.
enum class Metric {
  kBuildInfo,
  kRegistrations,
  kDeregistrations,
  kInstances,
  kServices,
  kCommits,
  kCommitDuration,
  kCommitGroup,
  kQueuedCommands,
  kSessions,
  kSessionStreams,
  kBeats,
  kSuspects,
  kBreaksSuppressed,
  kEvictions,
  kBrakesEngaged,
  kEvictionsHeld,
  kWatchers,
  kSubscriptions,
  kUnsentErrors,
  kMessagesSent,
  kFramesEncoded,
  kFramesShared,
  kChangesCoalesced,
  kWatchersCutOff,
  kResolves,
  kRpcRequests,
  kStoreRevision,
  kStoreDiskFree,
  kStoreAge,
  kReplicaBacklog,
  kReady,
  kNodes,
  kSweeping,
  kIsolated,
  kOrphans,
  kAudits,
  kAuditDifferences,
  kAuditReloads,
  kStoreMemberUp,
  kStoreDbSize,
  kStoreAlarms,
  kLogLinesDropped,
  kProcessCpu,
  kProcessResidentMemory,
  kProcessOpenFds,
  kProcessMaxFds,
  kProcessStartTime,
  kCount,
};

struct MetricInfo {
  Metric id;
  const char* name;
  MetricType type;
  const char* unit;    // for the page; "" when it counts things
  const char* labels;  // comma-joined names, sorted; "" when there are none
  const char* help;
};

const MetricInfo& InfoOf(Metric id);
absl::Span<const MetricInfo> AllMetrics();
// Upper bounds of a histogram's buckets.
absl::Span<const double> BucketsOf(Metric id);

// docs/metrics.md.
std::string MetricsPage();

}  // namespace rollcall::observe
