#include "examples/shop/demo/cluster_story.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "client-sdk/base/status_macros.h"
#include "examples/shop/demo/moment.h"
#include "examples/shop/demo/plan.h"
#include "nlohmann/json.hpp"

namespace shop::demo {
namespace {

using nlohmann::json;

// A node's clients are elsewhere by then, and a new leader has been found by then.
constexpr absl::Duration kRehomeLimit = absl::Seconds(5);
constexpr absl::Duration kWritePauseLimit = absl::Seconds(8);
// How long two of three members stay away: longer than a TTL and than the others take a node for
// gone.
constexpr absl::Duration kNoQuorum = absl::Seconds(8);
// A write without a majority is answered, one way or the other, by its own deadline.
constexpr absl::Duration kRefusalLimit = absl::Milliseconds(2300);
// What a dead node's clients get before they are given up, and more than that has passed.
const absl::Duration kOrphanPatience = kTtl + absl::Seconds(12);

size_t SessionsWanted() { return std::size(kPlan) + 1; }

}  // namespace

absl::Status ClusterStory::Tell() {
  RETURN_IF_ERROR(Open());
  RETURN_IF_ERROR(KillNode());
  RETURN_IF_ERROR(KillFollower());
  RETURN_IF_ERROR(KillLeader());
  RETURN_IF_ERROR(LoseQuorum());
  return Close();
}

absl::Status ClusterStory::Open() {
  screen_.Chapter("Three etcd members, three nodes, and the shop on top of them");
  RETURN_IF_ERROR(cluster_.Start());
  screen_.Say(absl::StrCat("Nodes: ", cluster_.addresses(), "."));
  shop_.UseRegistry(cluster_.addresses());
  RETURN_IF_ERROR(shop_.StartWatch());
  for (const InstancePlan& plan : kPlan) RETURN_IF_ERROR(shop_.StartInstance(plan));
  RETURN_IF_ERROR(shop_.StartGateway());
  RETURN_IF_ERROR(shop_.StartCaller(kCallsPerSecond));
  opened_ = Now();
  probe_ = std::make_unique<WriteProbe>(
      std::vector<std::string>(absl::StrSplit(cluster_.addresses(), ',')));
  RETURN_IF_ERROR(AwaitSessions());
  ASSIGN_OR_RETURN(held_, ReadLeaseEpochs(cluster_.rollcall(Asked())));
  screen_.Say(absl::StrCat(kCallsPerSecond,
                           " calls a second from now to the end; one registration is written again "
                           "every 20 ms."));
  RETURN_IF_ERROR(cluster_.rollcall(0).Show(screen_, {"nodes"}));
  return cluster_.rollcall(1).Show(screen_, {"instances", "user"});
}

absl::Status ClusterStory::During(const std::string& what,
                                  const std::function<absl::Status()>& strike) {
  ASSIGN_OR_RETURN(const CallCounts before, shop_.caller().Counts());
  const Moment begun = Now();
  RETURN_IF_ERROR(strike());
  const Moment done = Now();
  ASSIGN_OR_RETURN(const CallCounts after, shop_.caller().Counts());
  claims_.Section(what);
  claims_.Note("calls made", absl::StrCat(after.made - before.made));
  claims_.Zero("calls failed", after.failed - before.failed);
  const absl::Duration pause = probe_->LongestPause(begun, done);
  screen_.Say(absl::StrCat("Longest time without an acknowledged write: ", Text(pause), "."));
  claims_.Note("longest write pause", Text(pause));
  return absl::OkStatus();
}

absl::Status ClusterStory::KillNode() {
  screen_.Chapter("SIGKILL for a node");
  // The one with most clients.
  int victim = 0;
  uint64_t most = 0;
  for (int i = 0; i < Cluster::kSize; ++i) {
    ASSIGN_OR_RETURN(const json status, cluster_.rollcall(i).Ask({"status"}));
    const uint64_t sessions = std::stoull(status.at("connected_sessions").get<std::string>());
    if (sessions >= most) {
      most = sessions;
      victim = i;
    }
  }
  screen_.Say(absl::StrCat("node-", victim + 1, " holds the sessions of ", most, " of ",
                           SessionsWanted(), " processes."));
  absl::Duration rehomed;
  RETURN_IF_ERROR(During("A node, killed", [&]() -> absl::Status {
    const Moment killed = Now();
    cluster_.KillNode(victim);
    node_down_ = victim;
    RETURN_IF_ERROR(AwaitSessions());
    rehomed = Between(killed, Now());
    screen_.Say(absl::StrCat("All sessions were at the other nodes after ", Text(rehomed), "."));
    RETURN_IF_ERROR(AwaitWrites(Now()));
    // A second node's clients come back to it when it is there again.
    RETURN_IF_ERROR(cluster_.StartNode(victim));
    node_down_ = -1;
    longest_pause_ = std::max(longest_pause_, probe_->LongestPause(killed, Now()));
    return absl::OkStatus();
  }));
  claims_.AtMost("sessions at other nodes", rehomed, kRehomeLimit);
  return cluster_.rollcall(victim).Show(screen_, {"nodes"});
}

absl::Status ClusterStory::StrikeMember(int member, const std::string& what) {
  return During(what, [&]() -> absl::Status {
    const Moment killed = Now();
    cluster_.KillMember(member);
    RETURN_IF_ERROR(cluster_.AwaitQuorum());
    RETURN_IF_ERROR(AwaitWrites(Now()));
    Sleep(absl::Seconds(1));
    RETURN_IF_ERROR(cluster_.StartMember(member));
    longest_pause_ = std::max(longest_pause_, probe_->LongestPause(killed, Now()));
    return cluster_.AwaitQuorum();
  });
}

absl::Status ClusterStory::KillFollower() {
  const std::optional<int> leader = cluster_.Leader();
  if (!leader) return absl::UnavailableError("etcd has no leader");
  const int follower = (*leader + 1) % Cluster::kSize;
  screen_.Chapter(absl::StrCat("SIGKILL for an etcd member: etcd-", follower + 1));
  return StrikeMember(follower, "An etcd member, killed");
}

absl::Status ClusterStory::KillLeader() {
  const std::optional<int> leader = cluster_.Leader();
  if (!leader) return absl::UnavailableError("etcd has no leader");
  screen_.Chapter(absl::StrCat("SIGKILL for etcd's leader: etcd-", *leader + 1));
  return StrikeMember(*leader, "The etcd leader, killed");
}

absl::Status ClusterStory::LoseQuorum() {
  screen_.Chapter(absl::StrCat("SIGKILL for two of three etcd members, for ", Text(kNoQuorum)));
  const Moment begun = Now();
  RETURN_IF_ERROR(During("Two of three etcd members, killed", [&]() -> absl::Status {
    const Moment killed = Now();
    cluster_.KillMember(0);
    cluster_.KillMember(1);
    Sleep(kNoQuorum / 2);
    // Nothing can be written, and everything can be read.
    RETURN_IF_ERROR(cluster_.rollcall(0).Show(screen_, {"instances", "user"}));
    Sleep(kNoQuorum - Between(killed, Now()));
    const Moment back = Now();
    RETURN_IF_ERROR(cluster_.StartMember(0));
    RETURN_IF_ERROR(cluster_.StartMember(1));
    RETURN_IF_ERROR(cluster_.AwaitQuorum());
    RETURN_IF_ERROR(AwaitWrites(back));
    screen_.Say(absl::StrCat("Writes went on ", Text(Between(back, Now())),
                             " after the members were started again."));
    return AwaitSessions();
  }));
  claims_.AtMost("a write without a majority is answered", probe_->LongestRefusal(begun, Now()),
                 kRefusalLimit);
  return absl::OkStatus();
}

absl::Status ClusterStory::AwaitWrites(Moment since) {
  const Moment end = Now() + absl::ToChronoNanoseconds(kPatience * 2);
  const uint64_t before = probe_->acknowledged();
  while (probe_->acknowledged() < before + 3) {
    if (Now() > end) {
      return absl::DeadlineExceededError(
          absl::StrCat("no write was acknowledged for ", Text(Between(since, Now()))));
    }
    Sleep(absl::Milliseconds(20));
  }
  return absl::OkStatus();
}

absl::Status ClusterStory::AwaitSessions() {
  const Moment end = Now() + absl::ToChronoNanoseconds(kPatience * 2);
  for (;;) {
    uint64_t connected = 0;
    for (int i = 0; i < Cluster::kSize; ++i) {
      if (i == node_down_) continue;
      const auto status = cluster_.rollcall(i).Ask({"status"});
      if (status.ok()) {
        connected += std::stoull(status->at("connected_sessions").get<std::string>());
      }
    }
    if (connected == SessionsWanted()) return absl::OkStatus();
    if (Now() > end) {
      return absl::DeadlineExceededError(
          absl::StrCat(connected, " sessions are connected, not ", SessionsWanted()));
    }
    Sleep(absl::Milliseconds(50));
  }
}

absl::Status ClusterStory::Close() {
  // Whoever was taken for dead is evicted by then.
  screen_.Say(absl::StrCat("\nWaiting ", Text(kOrphanPatience),
                           ": whoever was wrongly taken for dead would be evicted by then."));
  Sleep(kOrphanPatience);
  probe_->Stop();
  RETURN_IF_ERROR(cluster_.rollcall(2).Show(screen_, {"nodes"}));
  ASSIGN_OR_RETURN(const auto held, ReadLeaseEpochs(cluster_.rollcall(Asked())));
  uint64_t evicted = 0;
  uint64_t suspected = 0;
  for (const Change& change : shop_.changes().Since(opened_)) {
    if (change.service == "probe") continue;
    if (change.standing == kGone) ++evicted;
    if (change.standing == "SUSPECT") ++suspected;
  }
  uint64_t stale = 0;
  for (int i = 0; i < Cluster::kSize; ++i) {
    ASSIGN_OR_RETURN(const json probe, cluster_.rollcall(i).Ask({"get", "probe/probe-1"}));
    if (!probe_->IsAsNew(probe.at("instance").at("spec").at("version"))) ++stale;
  }
  ASSIGN_OR_RETURN(const json report, shop_.caller().Finish());
  claims_.Section("All in all");
  claims_.Note("calls made", absl::StrCat(report.at("made").get<uint64_t>()));
  claims_.Zero("calls failed", report.at("failed"));
  claims_.Zero("registrations lost or made anew", CountLost(held_, held));
  claims_.Zero("healthy instances evicted", evicted);
  claims_.Zero("healthy instances suspected", suspected);
  claims_.Note("writes acknowledged; refused or unknown",
               absl::StrCat(probe_->acknowledged(), "; ", probe_->refused()));
  claims_.Zero("nodes without the last write acknowledged", stale);
  claims_.AtMost("longest write pause while a majority lived", longest_pause_, kWritePauseLimit);
  std::vector<std::string> ended_badly = shop_.Close();
  for (const std::string& node : cluster_.Close()) ended_badly.push_back(node);
  claims_.Zero("processes that did not stop when asked", ended_badly.size());
  for (const std::string& ending : ended_badly) screen_.Say(screen_.Bad(ending));
  for (const auto& [error, times] : report.at("errors").items()) {
    screen_.Say(screen_.Bad(absl::StrCat(times.get<uint64_t>(), " × ", error)));
  }
  return absl::OkStatus();
}

}  // namespace shop::demo
