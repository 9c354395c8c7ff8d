#include "tests/integration/support/cluster_registry.h"

#include <filesystem>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/integration/support/socket.h"

namespace rollcall::integration {

ClusterNode::ClusterNode(std::string id, OwnPorts ports, std::string directory, Flags flags)
    : id_(std::move(id)), ports_(ports), directory_(std::move(directory)), flags_(flags) {
  std::filesystem::create_directories(directory_);
}

std::string ClusterNode::address() const { return absl::StrCat("127.0.0.1:", ports_.grpc); }

void ClusterNode::Launch(const Flags& more) {
  process_.reset();
  client_.reset();  // Its connection is the old process's.
  std::filesystem::remove(ready_file());
  std::vector<std::string> command = {Registry::Program(),
                                      "--store",
                                      "etcd",
                                      "--node-id",
                                      id_,
                                      "--data",
                                      data(),
                                      "--listen",
                                      address(),
                                      "--http",
                                      absl::StrCat("127.0.0.1:", ports_.http),
                                      "--ready-file",
                                      ready_file()};
  command.insert(command.end(), flags_.begin(), flags_.end());
  command.insert(command.end(), more.begin(), more.end());
  process_ = std::make_unique<Process>(std::move(command));
}

void ClusterNode::AwaitReady(absl::Duration limit) {
  const auto ready = [this] { return std::filesystem::exists(ready_file()); };
  const bool over = Eventually([&] { return ready() || !running(); }, limit);
  if (!over || !ready()) Fail(absl::StrCat(id_, " did not become ready:\n", process_->err()));
}

void ClusterNode::AwaitEnd() {
  const std::optional<int> code = process_->Wait();
  if (code != 0) {
    Fail(absl::StrCat(id_, " ended with ", code ? absl::StrCat(*code) : "nothing", ":\n",
                      process_->err()));
  }
}

void ClusterNode::RemoveData() const { std::filesystem::remove_all(data()); }

std::shared_ptr<grpc::Channel> ClusterNode::Connect() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  return grpc::CreateCustomChannel(address(), grpc::InsecureChannelCredentials(), arguments);
}

RawClient& ClusterNode::client() {
  if (client_ == nullptr) client_ = std::make_unique<RawClient>(Connect());
  return *client_;
}

v1::GetStatusResponse ClusterNode::Status() {
  return client().Get(&v1::Operations::Stub::GetStatus, {});
}

double ClusterNode::Metric(const std::string& name) const {
  const HttpAnswer answer = HttpGet(ports_.http, "/metrics");
  for (const absl::string_view line : absl::StrSplit(answer.body, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    double value = 0;
    if (words.size() == 2 && words[0] == name && absl::SimpleAtod(words[1], &value)) return value;
  }
  return 0;
}

int ClusterNode::readiness() const {
  try {
    return HttpGet(ports_.http, "/readyz").status;
  } catch (const std::exception&) {
    return 0;  // it does not listen
  }
}

Outcome ClusterNode::Cli(std::vector<std::string> arguments, absl::Duration limit) const {
  arguments.insert(arguments.begin(), {Registry::CliProgram(), "--server", address()});
  return RunToEnd(std::move(arguments), limit);
}

ClusterRegistry::ClusterRegistry(EtcdCluster& etcd, ClusterOptions options)
    : ports_(2 * options.nodes) {
  for (size_t i = 0; i < options.nodes; ++i) {
    std::vector<std::string> endpoints = {etcd.endpoints()};
    relays_.emplace_back();
    if (options.relays) {
      endpoints.clear();
      for (size_t m = 0; m < etcd.size(); ++m) {
        relays_[i].push_back(std::make_unique<TcpRelay>(etcd.member(m).port()));
        endpoints.push_back(relays_[i][m]->endpoint());
      }
    }
    const std::string id = absl::StrCat("node-", i);
    Flags flags = {"--etcd", absl::StrJoin(endpoints, ","), "--presence-lease",
                   absl::FormatDuration(options.presence_lease)};
    flags.insert(flags.end(), options.flags.begin(), options.flags.end());
    nodes_.push_back(std::make_unique<ClusterNode>(
        id, ClusterNode::OwnPorts{ports_[2 * i], ports_[2 * i + 1]}, dir_.File(id), flags));
  }
  for (const auto& node : nodes_) node->Launch();
  for (const auto& node : nodes_) node->AwaitReady();
  for (size_t i = 0; i < size(); ++i) AwaitNodes(i, size());
}

std::string ClusterRegistry::addresses() const {
  return absl::StrJoin(nodes_, ",", [](std::string* out, const auto& node) {
    absl::StrAppend(out, node->address());
  });
}

std::map<std::string, v1::Node> ClusterRegistry::NodesSeenBy(size_t i) {
  std::map<std::string, v1::Node> nodes;
  const auto answer = node(i).client().Get(&v1::Operations::Stub::ListNodes, {});
  for (const v1::Node& node : answer.nodes()) nodes[node.id()] = node;
  return nodes;
}

void ClusterRegistry::AwaitNodes(size_t asked, size_t count) {
  if (Eventually([&] { return NodesSeenBy(asked).size() == count; })) return;
  Fail(absl::StrCat(node(asked).id(), " does not see ", count, " nodes:\n",
                    node(asked).process().err()));
}

size_t ClusterRegistry::AwaitSweeper() {
  size_t sweeper = 0;
  const bool found = Eventually([&] {
    for (sweeper = 0; sweeper < size(); ++sweeper) {
      if (node(sweeper).running() && node(sweeper).Metric("rollcall_sweeper") == 1) return true;
    }
    return false;
  });
  if (!found) Fail("no node has the sweeper's office");
  return sweeper;
}

void ClusterRegistry::AwaitStreams(uint64_t count) {
  uint64_t seen = 0;
  const bool reached = Eventually([&] {
    seen = 0;
    for (const auto& node : nodes_) {
      if (node->running()) seen += node->Status().connected_sessions();
    }
    return seen == count;
  });
  if (!reached) Fail(absl::StrCat("there are ", seen, " session streams, not ", count));
}

}  // namespace rollcall::integration
