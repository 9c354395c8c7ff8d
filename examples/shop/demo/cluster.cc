#include "examples/shop/demo/cluster.h"

#include <csignal>
#include <cstdio>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client-sdk/base/status_macros.h"
#include "examples/shop/demo/free_ports.h"
#include "examples/shop/demo/moment.h"
#include "httplib.h"

namespace shop::demo {
namespace {

constexpr absl::Duration kClusterStartLimit = absl::Seconds(20);
constexpr absl::Duration kClusterStopLimit = absl::Seconds(10);

std::string Url(int port) { return absl::StrCat("http://127.0.0.1:", port); }

// What a member says of itself under `path`; empty if it does not answer.
std::string AskMember(int port, const std::string& path) {
  httplib::Client client("127.0.0.1", port);
  client.set_connection_timeout(std::chrono::milliseconds(300));
  client.set_read_timeout(std::chrono::milliseconds(300));
  const auto answer = client.Get(path);
  return answer && answer->status == 200 ? answer->body : "";
}

}  // namespace

std::string Cluster::LogOf(const std::string& name) const {
  return absl::StrCat(directory_, "/", name, ".log");
}

std::string Cluster::NameOfMember(int i) const { return absl::StrCat("etcd-", i + 1); }

absl::Status Cluster::Start() {
  const std::vector<int> ports = FreePorts(3 * kSize);
  if (ports.size() < 3 * kSize) return absl::UnavailableError("there are no free ports");
  for (int i = 0; i < kSize; ++i) {
    members_[i].port = ports[i];
    members_[i].peer_port = ports[kSize + i];
    nodes_[i].port = ports[2 * kSize + i];
    nodes_[i].address = absl::StrCat("127.0.0.1:", nodes_[i].port);
  }
  for (int i = 0; i < kSize; ++i) RETURN_IF_ERROR(StartMember(i));
  RETURN_IF_ERROR(AwaitQuorum());
  for (int i = 0; i < kSize; ++i) RETURN_IF_ERROR(StartNode(i));
  return absl::OkStatus();
}

absl::Status Cluster::StartMember(int i) {
  std::vector<std::string> all;
  all.reserve(kSize);
  for (int m = 0; m < kSize; ++m) {
    all.push_back(absl::StrCat(NameOfMember(m), "=", Url(members_[m].peer_port)));
  }
  const std::string name = NameOfMember(i);
  ASSIGN_OR_RETURN(members_[i].process, Child::Start({etcd_,
                                                      "--name",
                                                      name,
                                                      "--data-dir",
                                                      absl::StrCat(directory_, "/", name),
                                                      "--listen-client-urls",
                                                      Url(members_[i].port),
                                                      "--advertise-client-urls",
                                                      Url(members_[i].port),
                                                      "--listen-peer-urls",
                                                      Url(members_[i].peer_port),
                                                      "--initial-advertise-peer-urls",
                                                      Url(members_[i].peer_port),
                                                      "--initial-cluster",
                                                      absl::StrJoin(all, ","),
                                                      "--initial-cluster-state",
                                                      "new",
                                                      "--heartbeat-interval",
                                                      "100",
                                                      "--election-timeout",
                                                      "1000",
                                                      "--logger",
                                                      "zap",
                                                      "--log-level",
                                                      "error"},
                                                     LogOf(name)));
  return absl::OkStatus();
}

absl::Status Cluster::AwaitQuorum() const {
  const Moment end = Now() + absl::ToChronoNanoseconds(kClusterStartLimit);
  while (Now() < end) {
    int following = 0;
    for (const Process& member : members_) {
      if (member.process == nullptr) continue;
      if (absl::StrContains(AskMember(member.port, "/health"), "\"true\"")) ++following;
    }
    if (following > kSize / 2) return absl::OkStatus();
    Sleep(absl::Milliseconds(10));
  }
  return absl::DeadlineExceededError("the etcd members found no leader; see their logs");
}

std::optional<int> Cluster::Leader() const {
  for (int i = 0; i < kSize; ++i) {
    if (members_[i].process == nullptr) continue;
    const std::string metrics = AskMember(members_[i].port, "/metrics");
    if (absl::StrContains(metrics, "\netcd_server_is_leader 1\n")) return i;
  }
  return std::nullopt;
}

absl::Status Cluster::StartNodeOnce(int i) {
  const std::string name = absl::StrCat("node-", i + 1);
  const std::string ready_file = absl::StrCat(directory_, "/", name, ".ready");
  std::remove(ready_file.c_str());  // A killed node leaves it behind.
  std::vector<std::string> etcd;
  for (const Process& member : members_) etcd.push_back(Url(member.port));
  ASSIGN_OR_RETURN(
      nodes_[i].process,
      Child::Start({absl::StrCat(programs_, "/rollcalld"), "--store", "etcd", "--etcd",
                    absl::StrJoin(etcd, ","), "--node-id", name, "--data",
                    absl::StrCat(directory_, "/", name), "--listen", nodes_[i].address, "--http",
                    "127.0.0.1:0", "--ready-file", ready_file, "--presence-lease", "2s"},
                   LogOf(name)));
  const Moment end = Now() + absl::ToChronoNanoseconds(kClusterStartLimit);
  while (nodes_[i].process->Running()) {
    if (std::ifstream(ready_file).good()) return absl::OkStatus();
    if (Now() > end) return absl::DeadlineExceededError(absl::StrCat(name, " is not ready"));
    Sleep(absl::Milliseconds(10));
  }
  return absl::UnavailableError(absl::StrCat(name, " ended while starting; see ", LogOf(name)));
}

absl::Status Cluster::StartNode(int i) {
  // While it was away another process may have been given its port for a moment.
  absl::Status status;
  for (int tries = 0; tries < 5; ++tries) {
    status = StartNodeOnce(i);
    if (!absl::IsUnavailable(status)) break;
    Sleep(absl::Milliseconds(200));
  }
  return status;
}

std::string Cluster::addresses() const {
  std::vector<std::string> all;
  for (const Process& node : nodes_) all.push_back(node.address);
  return absl::StrJoin(all, ",");
}

CommandLine Cluster::rollcall(int node) const {
  return CommandLine(absl::StrCat(programs_, "/rollcall"), nodes_[node].address, LogOf("rollcall"));
}

std::vector<std::string> Cluster::Close() {
  std::vector<std::string> ended_badly;
  for (Process& node : nodes_) {
    if (node.process != nullptr) node.process->Signal(SIGTERM);
  }
  for (int i = 0; i < kSize; ++i) {
    if (nodes_[i].process == nullptr) continue;
    nodes_[i].process->WaitForEnd(kClusterStopLimit);
    const std::string ending = nodes_[i].process->Ending();
    if (ending != "exit status 0") {
      ended_badly.push_back(absl::StrCat("node-", i + 1, ": ", ending));
    }
  }
  return ended_badly;
}

}  // namespace shop::demo
