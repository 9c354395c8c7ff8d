#include "server/app/metric_sources.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "server/model/standing.h"
#include "server/observe/process_metrics.h"
#include "server/store/embedded/space_guard.h"

namespace rollcall::app {
namespace {

using observe::Metric;
using observe::Reading;

void ReadInstances(const node::Node& node, Reading& reading) {
  std::array<double, 8> by_standing{};
  double services = 0;
  for (const auto& snapshot : node.views().List("*")) {
    if (!snapshot->instances.empty()) ++services;
    for (size_t i = 0; i < by_standing.size(); ++i) by_standing[i] += snapshot->counts[i];
  }
  reading.Set(Metric::kServices, services);
  for (int i = v1::STANDING_STARTING; i <= v1::STANDING_OUT_OF_SERVICE; ++i) {
    const std::string word(StandingWord(static_cast<v1::Standing>(i)));
    reading.Set(Metric::kInstances, by_standing[i], {{"standing", absl::AsciiStrToLower(word)}});
  }
  reading.Set(Metric::kStoreRevision, static_cast<double>(node.views().applied().value()));
}

void ReadHealth(node::Node& node, Reading& reading) {
  const health::HealthCounters health = node.sessions().counters();
  const double suspect = static_cast<double>(health.suspect);
  reading.Set(Metric::kSessions, suspect, {{"state", "suspect"}});
  reading.Set(Metric::kSessions, static_cast<double>(health.sessions) - suspect,
              {{"state", "live"}});
  reading.Set(Metric::kSessionStreams, static_cast<double>(health.connected));
  reading.Set(Metric::kOrphans, static_cast<double>(health.orphans));
  reading.Set(Metric::kBeats, static_cast<double>(health.beats_total));
  reading.Set(Metric::kSuspects, static_cast<double>(node.suspects().stream_broken),
              {{"cause", "stream_broken"}});
  reading.Set(Metric::kSuspects, static_cast<double>(node.suspects().beat_overdue),
              {{"cause", "beat_overdue"}});
  reading.Set(Metric::kEvictions, static_cast<double>(health.evictions_total));
  reading.Set(Metric::kBrakesEngaged, static_cast<double>(health.brakes_holding));
  reading.Set(Metric::kEvictionsHeld, static_cast<double>(health.evictions_held));
  reading.Set(Metric::kBreaksSuppressed, static_cast<double>(health.suppressed_total));
}

void ReadFeed(node::Node& node, Reading& reading) {
  const feed::FeedStats feed = node.feed().stats();
  reading.Set(Metric::kWatchers, static_cast<double>(feed.watchers));
  reading.Set(Metric::kSubscriptions, static_cast<double>(feed.subscriptions));
  reading.Set(Metric::kUnsentErrors, static_cast<double>(feed.unsent_errors));
  reading.Set(Metric::kMessagesSent, static_cast<double>(feed.messages_sent));
  reading.Set(Metric::kFramesEncoded, static_cast<double>(feed.frames_encoded));
  reading.Set(Metric::kFramesShared, static_cast<double>(feed.frames_shared));
  reading.Set(Metric::kChangesCoalesced, static_cast<double>(feed.coalesced));
  reading.Set(Metric::kWatchersCutOff, static_cast<double>(feed.cut_off));
}

void ReadCalls(node::Node& node, const rpc::CallStats& calls, Reading& reading) {
  const auto& registry = node.registry().counters();
  reading.Set(Metric::kRegistrations, static_cast<double>(registry.instances_registered.load()));
  reading.Set(Metric::kDeregistrations, static_cast<double>(registry.deregistrations.load()));
  reading.Set(Metric::kResolves, static_cast<double>(node.discovery().resolves()));
  for (size_t m = 0; m < static_cast<size_t>(rpc::Method::kCount); ++m) {
    for (size_t c = 0; c < rpc::CallStats::kCodes; ++c) {
      const auto method = static_cast<rpc::Method>(m);
      const auto code = static_cast<absl::StatusCode>(c);
      const uint64_t count = calls.Get(method, code);
      if (count == 0) continue;
      reading.Set(Metric::kRpcRequests, static_cast<double>(count),
                  {{"code", absl::StatusCodeToString(code)}, {"method", MethodName(method)}});
    }
  }
}

void ReadStore(node::Node& node, Reading& reading) {
  reading.Set(Metric::kStoreAge, absl::ToDoubleSeconds(node.store_age()));
  reading.Set(Metric::kReady, node.ready() ? 1 : 0);
}

void ReadCluster(node::ClusterMember& cluster, Reading& reading) {
  reading.Set(Metric::kNodes, static_cast<double>(cluster.directory().snapshot()->nodes.size()));
  reading.Set(Metric::kIsolated, cluster.isolated() ? 1 : 0);
  reading.Set(Metric::kReplicaBacklog, static_cast<double>(cluster.replica_backlog_bytes()));
  reading.Set(Metric::kSweeping, cluster.sweeping() ? 1 : 0);
  const cluster::Auditor::Stats& audits = cluster.audits();
  reading.Set(Metric::kAudits, static_cast<double>(audits.audits.load()));
  reading.Set(Metric::kAuditDifferences, static_cast<double>(audits.differences.load()));
  reading.Set(Metric::kAuditReloads, static_cast<double>(audits.reloads.load()));
  const auto state = cluster.store_watch().state();
  for (const cluster::StoreMember& member : state->members) {
    reading.Set(Metric::kStoreMemberUp, member.reachable() ? 1 : 0,
                {{"endpoint", member.endpoint}});
    if (!member.reachable()) continue;
    reading.Set(Metric::kStoreDbSize, static_cast<double>(member.db_size),
                {{"endpoint", member.endpoint}});
  }
  reading.Set(Metric::kStoreAlarms, state->no_space ? 1 : 0, {{"alarm", "nospace"}});
  reading.Set(Metric::kStoreAlarms, state->corrupt ? 1 : 0, {{"alarm", "corrupt"}});
}

}  // namespace

void AddMetricSources(observe::Metrics& metrics, node::Node& node, const rpc::CallStats& calls,
                      const observe::Log& log, const std::string& data_directory) {
  metrics.AddSource([&node, &calls](Reading& reading) {
    ReadInstances(node, reading);
    ReadHealth(node, reading);
    ReadFeed(node, reading);
    ReadCalls(node, calls, reading);
    ReadStore(node, reading);
    if (node.cluster() != nullptr) ReadCluster(*node.cluster(), reading);
    const committer::Committer::Counts counts = node.committer().counts();
    reading.Set(Metric::kCommits, static_cast<double>(counts.committed), {{"result", "committed"}});
    reading.Set(Metric::kCommits, static_cast<double>(counts.guard_failures),
                {{"result", "guard_failed"}});
    reading.Set(Metric::kCommits, static_cast<double>(counts.refused), {{"result", "refused"}});
    reading.Set(Metric::kCommits, static_cast<double>(counts.unknown), {{"result", "unknown"}});
    reading.Set(Metric::kQueuedCommands, static_cast<double>(counts.pending));
  });
  metrics.AddSource([&log, data_directory](Reading& reading) {
    reading.Set(Metric::kBuildInfo, 1, {{"version", ROLLCALL_VERSION}});
    reading.Set(Metric::kLogLinesDropped, static_cast<double>(log.dropped()));
    if (const auto free = store::FreeBytesOfFileSystem(data_directory); free.ok()) {
      reading.Set(Metric::kStoreDiskFree, static_cast<double>(*free));
    }
    observe::ReadProcess(reading);
  });
}

}  // namespace rollcall::app
