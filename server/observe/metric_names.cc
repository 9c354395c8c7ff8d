#include "server/observe/metric_names.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client-sdk/base/check.h"

namespace rollcall::observe {
namespace {

constexpr auto kCounter = MetricType::kCounter;
constexpr auto kGauge = MetricType::kGauge;
constexpr auto kHistogram = MetricType::kHistogram;

constexpr MetricInfo kMetrics[] = {
    {Metric::kBuildInfo, "rollcall_build_info", kGauge, "", "version",
     "Always 1; its label says what runs."},

    {Metric::kRegistrations, "rollcall_registrations_total", kCounter, "", "",
     "Instances registered, those that changed nothing included."},
    {Metric::kDeregistrations, "rollcall_deregistrations_total", kCounter, "", "",
     "Instances removed because their owner asked for it."},
    {Metric::kInstances, "rollcall_instances", kGauge, "", "standing",
     "Instances by standing, as this node serves them."},
    {Metric::kServices, "rollcall_services", kGauge, "", "",
     "Services that have at least one instance."},

    {Metric::kCommits, "rollcall_commits_total", kCounter, "", "result",
     "Transactions decided by the store: committed, guard_failed, refused or unknown."},
    {Metric::kCommitDuration, "rollcall_commit_duration_seconds", kHistogram, "seconds", "",
     "Time from handing a group to the store to its answer, the synced write included."},
    {Metric::kCommitGroup, "rollcall_commit_group_transactions", kHistogram, "transactions", "",
     "Transactions that shared one synced write and one revision."},
    {Metric::kQueuedCommands, "rollcall_queued_commands", kGauge, "", "",
     "Commands accepted and not yet answered."},

    {Metric::kSessions, "rollcall_sessions", kGauge, "", "state",
     "Sessions homed on this node, by state: live (those that are leaving included) or suspect."},
    {Metric::kSessionStreams, "rollcall_session_streams", kGauge, "", "",
     "Sessions whose KeepAlive stream is open now."},
    {Metric::kBeats, "rollcall_beats_total", kCounter, "", "",
     "Heartbeats received; none of them reaches the store."},
    {Metric::kSuspects, "rollcall_suspects_total", kCounter, "", "cause",
     "Sessions that became suspect: stream_broken or beat_overdue."},
    {Metric::kBreaksSuppressed, "rollcall_breaks_suppressed_total", kCounter, "", "",
     "Broken streams that were not suspected at once, because most of the node's broke together."},
    {Metric::kEvictions, "rollcall_evictions_total", kCounter, "", "",
     "Sessions ended because their deadline passed."},
    {Metric::kBrakesEngaged, "rollcall_brakes_engaged", kGauge, "", "",
     "Eviction brakes that hold removals back now. Above 0 wants an operator's look: "
     "`rollcall brake list`."},
    {Metric::kEvictionsHeld, "rollcall_evictions_held", kGauge, "", "",
     "Sessions past their deadline that a brake holds back now."},

    {Metric::kWatchers, "rollcall_watchers", kGauge, "", "", "Watch streams that are open now."},
    {Metric::kSubscriptions, "rollcall_subscriptions", kGauge, "", "",
     "Subscriptions of all watch streams."},
    {Metric::kUnsentErrors, "rollcall_watch_errors_unsent", kGauge, "", "",
     "Refusals that wait for their watcher to read; one with more than 100 is cut off."},
    {Metric::kMessagesSent, "rollcall_watch_messages_sent_total", kCounter, "", "",
     "Messages sent on watch streams, signs of life included."},
    {Metric::kFramesEncoded, "rollcall_watch_frames_encoded_total", kCounter, "", "",
     "Deltas and snapshots encoded for watchers."},
    {Metric::kFramesShared, "rollcall_watch_frames_shared_total", kCounter, "", "",
     "Messages that used a frame another watcher had already paid for."},
    {Metric::kChangesCoalesced, "rollcall_watch_changes_coalesced_total", kCounter, "", "",
     "Changes that a watcher did not get one by one, because it had not taken an earlier one yet."},
    {Metric::kWatchersCutOff, "rollcall_watchers_cut_off_total", kCounter, "", "",
     "Watchers closed because they did not read or acknowledge in time."},

    {Metric::kResolves, "rollcall_resolves_total", kCounter, "", "", "Resolve calls answered."},
    {Metric::kRpcRequests, "rollcall_rpc_requests_total", kCounter, "", "code,method",
     "Calls by method and status code; a stream counts once, when it ends."},

    {Metric::kStoreRevision, "rollcall_store_revision", kGauge, "", "",
     "The newest revision this node has applied."},
    {Metric::kStoreDiskFree, "rollcall_store_disk_free_bytes", kGauge, "bytes", "",
     "Free space of the file system that holds the data directory. Below `disk-reserve` writes "
     "are refused."},

    {Metric::kStoreAge, "rollcall_store_age_seconds", kGauge, "seconds", "",
     "Since it was last certain that the store is the one that all others see. Above 1 the node "
     "marks its answers stale; always 0 on the embedded store."},
    {Metric::kReplicaBacklog, "rollcall_replica_backlog_bytes", kGauge, "bytes", "",
     "Of changes that wait to be written to this node's copy of the cluster's store; above 64 MiB "
     "they are dropped and all is written anew once the disk takes it."},
    {Metric::kReady, "rollcall_ready", kGauge, "", "",
     "1: this node has caught up with its store; 0: it has yet to."},
    {Metric::kNodes, "rollcall_nodes", kGauge, "", "", "Nodes present in the cluster."},
    {Metric::kSweeping, "rollcall_sweeper", kGauge, "", "",
     "1 on the node that purges and expires for all; the sum over all nodes should be 1."},
    {Metric::kIsolated, "rollcall_isolated", kGauge, "", "",
     "1: only this node cannot reach the store; its watchers are sent to others."},
    {Metric::kOrphans, "rollcall_orphan_sessions", kGauge, "", "",
     "On the sweeper: sessions that no present node is home to, whose time runs."},
    {Metric::kAudits, "rollcall_audits_total", kCounter, "", "",
     "Times this node compared what all nodes hold."},
    {Metric::kAuditDifferences, "rollcall_audit_differences_total", kCounter, "", "",
     "Of those, how often the nodes did not hold the same. Any is worth a report."},
    {Metric::kAuditReloads, "rollcall_audit_reloads_total", kCounter, "", "",
     "Times this node was the one that was wrong, and loaded everything anew."},
    {Metric::kStoreMemberUp, "rollcall_store_member_up", kGauge, "", "endpoint",
     "1: the etcd member answers; 0: it does not."},
    {Metric::kStoreDbSize, "rollcall_store_db_size_bytes", kGauge, "bytes", "endpoint",
     "Size of the etcd member's database. At its quota it refuses writes."},
    {Metric::kStoreAlarms, "rollcall_store_alarms", kGauge, "", "alarm",
     "1 while any etcd member has raised the alarm: nospace or corrupt."},

    {Metric::kLogLinesDropped, "rollcall_log_lines_dropped_total", kCounter, "", "",
     "Log lines dropped because stderr was not read fast enough."},

    {Metric::kProcessCpu, "process_cpu_seconds_total", kCounter, "seconds", "",
     "CPU time of the process, user and system."},
    {Metric::kProcessResidentMemory, "process_resident_memory_bytes", kGauge, "bytes", "",
     "Resident memory of the process."},
    {Metric::kProcessOpenFds, "process_open_fds", kGauge, "", "", "Open file descriptors."},
    {Metric::kProcessMaxFds, "process_max_fds", kGauge, "", "",
     "The most file descriptors the process may have open."},
    {Metric::kProcessStartTime, "process_start_time_seconds", kGauge, "seconds", "",
     "When the process started, in seconds since 1970."},
};
constexpr size_t kMetricCount = sizeof(kMetrics) / sizeof(kMetrics[0]);
static_assert(kMetricCount == static_cast<size_t>(Metric::kCount));

constexpr bool InOrder() {
  for (size_t i = 0; i < kMetricCount; ++i) {
    if (kMetrics[i].id != static_cast<Metric>(i)) return false;
  }
  return true;
}
static_assert(InOrder(), "the table and enum Metric differ in order");

// From a fast disk's synced write to one in trouble.
constexpr double kDurationBuckets[] = {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                       0.05,    0.1,    0.25,  0.5,    1,     2.5,  5};
constexpr double kGroupBuckets[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

const char* TypeWord(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "";
}

std::string OrDash(absl::string_view text) { return text.empty() ? "–" : std::string(text); }

}  // namespace

const MetricInfo& InfoOf(Metric id) {
  ROLLCALL_CHECK(id < Metric::kCount, "not a metric");
  return kMetrics[static_cast<size_t>(id)];
}

absl::Span<const MetricInfo> AllMetrics() { return kMetrics; }

absl::Span<const double> BucketsOf(Metric id) {
  if (id == Metric::kCommitGroup) return kGroupBuckets;
  return kDurationBuckets;
}

std::string MetricsPage() {
  std::string page =
      "# Metrics\n\n"
      "<!-- Made by `rollcalld --print-metrics-doc`; the tidy test compares. Do not edit. -->\n\n"
      "`GET /metrics` on the HTTP port answers in Prometheus' text format. Counters start at 0 "
      "when the process starts.\n\n"
      "| name | type | unit | labels | what it says |\n|---|---|---|---|---|\n";
  for (const MetricInfo& info : kMetrics) {
    absl::StrAppend(&page, "| `", info.name, "` | ", TypeWord(info.type), " | ", OrDash(info.unit),
                    " | ", OrDash(absl::StrReplaceAll(info.labels, {{",", ", "}})), " | ",
                    info.help, " |\n");
  }
  return page;
}

}  // namespace rollcall::observe
