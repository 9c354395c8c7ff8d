#include "tests/integration/support/etcd_cluster.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/integration/support/socket.h"

namespace rollcall::integration {
namespace {

std::string Url(bool tls, int port) {
  return absl::StrCat(tls ? "https" : "http", "://127.0.0.1:", port);
}

std::string Milliseconds(absl::Duration time) {
  return absl::StrCat(absl::ToInt64Milliseconds(time));
}

// What the list of members, as `asked` knows it, says of `member`; null if it is not in it.
nlohmann::json MemberOf(const EtcdProcess& asked, const EtcdProcess& member) {
  const nlohmann::json list = nlohmann::json::parse(asked.Admin("/v3/cluster/member/list", "{}"));
  for (const nlohmann::json& listed : list.at("members")) {
    if (listed.at("peerURLs").at(0) == member.peer_url()) return listed;
  }
  return nullptr;
}

}  // namespace

std::string EtcdProgram() {
  const char* path = std::getenv("PATH");
  for (const absl::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    const std::string program = absl::StrCat(folder, "/etcd");
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

EtcdProcess::EtcdProcess(std::string name, OwnPorts ports, std::string directory,
                         const EtcdOptions& options)
    : name_(std::move(name)),
      ports_(ports),
      directory_(std::move(directory)),
      options_(options),
      certificate_(options.tls == nullptr ? KeyPair{} : options.tls->Issue("etcd-" + name_)) {
  if (options.peer_relays) peer_relay_ = std::make_unique<TcpRelay>(ports_.peer);
}

std::string EtcdProcess::endpoint() const { return Url(options_.tls != nullptr, ports_.client); }
std::string EtcdProcess::peer_url() const {
  return peer_relay_ != nullptr ? peer_relay_->endpoint() : Url(false, ports_.peer);
}

std::vector<std::string> EtcdProcess::Command(const std::string& cluster,
                                              const std::string& state) const {
  std::vector<std::string> command = {EtcdProgram(),
                                      "--name",
                                      name_,
                                      "--data-dir",
                                      directory_,
                                      "--listen-client-urls",
                                      endpoint(),
                                      "--advertise-client-urls",
                                      endpoint(),
                                      "--listen-peer-urls",
                                      Url(false, ports_.peer),
                                      "--initial-advertise-peer-urls",
                                      peer_url(),
                                      "--listen-metrics-urls",
                                      Url(false, ports_.metrics),
                                      "--initial-cluster",
                                      cluster,
                                      "--initial-cluster-state",
                                      state,
                                      "--heartbeat-interval",
                                      Milliseconds(options_.heartbeat),
                                      "--election-timeout",
                                      Milliseconds(options_.election),
                                      "--logger",
                                      "zap",
                                      "--log-level",
                                      "warn"};
  if (options_.quota > 0) {
    command.insert(command.end(), {"--quota-backend-bytes", absl::StrCat(options_.quota)});
  }
  if (options_.tls != nullptr) {
    command.insert(command.end(),
                   {"--cert-file", certificate_.cert, "--key-file", certificate_.key});
    // With an authority etcd wants certificates from everybody.
    if (options_.client_auth) {
      command.insert(command.end(),
                     {"--client-cert-auth", "--trusted-ca-file", options_.tls->ca()});
    }
  }
  command.insert(command.end(), options_.flags.begin(), options_.flags.end());
  return command;
}

void EtcdProcess::Start(const std::string& cluster, const std::string& state) {
  process_.reset();
  process_ = std::make_unique<Process>(Command(cluster, state));
}

void EtcdProcess::Terminate() {
  process_->Signal(SIGTERM);
  if (!process_->Wait()) Fail(absl::StrCat("etcd ", name_, " does not end"));
}

void EtcdProcess::RemoveData() const { std::filesystem::remove_all(directory_); }

bool EtcdProcess::healthy() const {
  try {
    const HttpAnswer answer = HttpGet(ports_.metrics, "/health");
    return answer.status == 200 && answer.body.find("true") != answer.body.npos;
  } catch (const std::exception&) {
    return false;  // it does not listen yet, or not any more
  }
}

bool EtcdProcess::is_leader() const {
  try {
    return Metric("etcd_server_is_leader") == 1;
  } catch (const std::exception&) {
    return false;
  }
}

double EtcdProcess::Metric(const std::string& name) const {
  const HttpAnswer answer = HttpGet(ports_.metrics, "/metrics");
  for (const absl::string_view line : absl::StrSplit(answer.body, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    double value = 0;
    if (words.size() == 2 && words[0] == name && absl::SimpleAtod(words[1], &value)) return value;
  }
  Fail(absl::StrCat("etcd ", name_, " has no metric ", name));
}

std::string EtcdProcess::Admin(const std::string& path, const std::string& json) const {
  const HttpAnswer answer = HttpPost(ports_.client, path, json);
  if (answer.status != 200) Fail(absl::StrCat("etcd refused ", path, ": ", answer.body));
  return answer.body;
}

EtcdCluster::EtcdCluster(EtcdOptions options) : ports_(3 * static_cast<size_t>(options.members)) {
  const size_t count = static_cast<size_t>(options.members);
  for (size_t i = 0; i < count; ++i) {
    const std::string name = absl::StrCat("m", i);
    const EtcdProcess::OwnPorts own = {ports_[3 * i], ports_[3 * i + 1], ports_[3 * i + 2]};
    members_.push_back(std::make_unique<EtcdProcess>(name, own, dir_.File(name), options));
  }
  for (const auto& member : members_) member->Start(InitialCluster(), "new");
  AwaitHealthy();
}

std::string EtcdCluster::endpoints() const {
  return absl::StrJoin(members_, ",", [](std::string* out, const auto& member) {
    absl::StrAppend(out, member->endpoint());
  });
}

std::string EtcdCluster::InitialCluster() const {
  return absl::StrJoin(members_, ",", [](std::string* out, const auto& member) {
    absl::StrAppend(out, member->name(), "=", member->peer_url());
  });
}

// What is said about the first start is not heeded when there are data.
void EtcdCluster::Restart(size_t i) { members_[i]->Start(InitialCluster(), "new"); }

void EtcdCluster::RestartEmpty(size_t i) {
  EtcdProcess& gone = *members_[i];
  if (gone.running()) gone.Kill();
  gone.RemoveData();
  // Any of it may be refused for some seconds: the killed one may have led, and the others do not
  // change who is a member until they have been connected for a while. What was refused may still
  // have been done, therefore the list says what is left to do.
  std::string refusal;
  bool removed = false;
  const auto replaced = [&] {
    try {
      EtcdProcess& other = AnyHealthyBut(i);
      const nlohmann::json listed = MemberOf(other, gone);
      if (removed && !listed.is_null()) return true;
      removed = removed || listed.is_null();
      if (!removed) {
        const nlohmann::json id = {{"ID", listed.at("ID")}};
        other.Admin("/v3/cluster/member/remove", id.dump());
        removed = true;
      }
      const nlohmann::json added = {{"peerURLs", {gone.peer_url()}}};
      other.Admin("/v3/cluster/member/add", added.dump());
      return true;
    } catch (const std::exception& failure) {
      refusal = failure.what();
      return false;
    }
  };
  if (!Eventually(replaced)) Fail(refusal);
  gone.Start(InitialCluster(), "existing");
}

EtcdProcess& EtcdCluster::AnyHealthyBut(size_t i) {
  for (size_t other = 0; other < members_.size(); ++other) {
    if (other != i && members_[other]->healthy()) return *members_[other];
  }
  Fail("no other member of etcd is healthy");
}

void EtcdCluster::AwaitHealthy(absl::Duration limit) {
  for (size_t i = 0; i < members_.size(); ++i) AwaitHealthy(i, limit);
}

void EtcdCluster::AwaitHealthy(size_t i, absl::Duration limit) {
  EtcdProcess& member = *members_[i];
  if (Eventually([&] { return !member.running() || member.healthy(); }, limit) &&
      member.running()) {
    return;
  }
  Fail(absl::StrCat("etcd ", member.name(), " did not become healthy:\n", member.process().err()));
}

size_t EtcdCluster::AwaitLeader(absl::Duration limit) {
  size_t leader = 0;
  const bool found = Eventually(
      [&] {
        for (leader = 0; leader < members_.size(); ++leader) {
          if (members_[leader]->is_leader()) return true;
        }
        return false;
      },
      limit);
  if (!found) Fail("etcd has no leader");
  return leader;
}

void EtcdCluster::Part(size_t i) {
  const pid_t parted = members_[i]->process().pid();
  for (size_t j = 0; j < members_.size(); ++j) {
    TcpRelay& relay = *members_[j]->peer_relay();
    if (j == i) {
      relay.Drop();
    } else {
      relay.DropThoseOf([parted](int port) { return HoldsConnectionFrom(parted, port); });
    }
  }
}

void EtcdCluster::Join() {
  for (const auto& member : members_) member->peer_relay()->Heal();
}

void EtcdCluster::EnableAuth(const std::string& password) {
  EtcdProcess& member = *members_.front();
  const nlohmann::json user = {{"name", "root"}, {"password", password}};
  member.Admin("/v3/auth/user/add", user.dump());
  member.Admin("/v3/auth/role/add", R"({"name": "root"})");
  member.Admin("/v3/auth/user/grant", R"({"user": "root", "role": "root"})");
  member.Admin("/v3/auth/enable", "{}");
}

}  // namespace rollcall::integration
