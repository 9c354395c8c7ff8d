#include "cli/bench/connections.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

// How long each of the other nodes is tried, and how many.
constexpr absl::Duration kPatience = absl::Seconds(2);
constexpr int kMostTried = 3;

absl::StatusOr<Channel> ConnectTo(const std::string& server, absl::Duration timeout,
                                  const Registry& like) {
  Registry::Options options = like.options();
  options.servers = {server};
  options.timeout = timeout;
  return Registry(options, like.clock()).Connect();
}

bool IsOther(const v1::Node& node) {
  return !node.is_self() && node.ready() && !node.draining() && !node.grpc_address().empty();
}

void ConnectOther(const v1::ListNodesResponse& nodes, const Registry& registry,
                  Connections& connections) {
  int tried = 0;
  for (const v1::Node& node : nodes.nodes()) {
    if (!IsOther(node) || ++tried > kMostTried) continue;
    const auto channel =
        ConnectTo(node.grpc_address(), std::min(registry.options().timeout, kPatience), registry);
    if (channel.ok()) {
      connections.other = *channel;
      connections.target.other_node = node.id();
      return;
    }
    connections.target.no_other =
        absl::StrCat("No watch at another node: ", node.id(), " cannot be reached at ",
                     node.grpc_address(), " from here.");
  }
}

}  // namespace

absl::StatusOr<Connections> ConnectAll(Registry& registry, uint64_t count) {
  ASSIGN_OR_RETURN(const auto nodes, registry.Call(&v1::Operations::Stub::ListNodes, {}));
  Connections connections;
  connections.target.server = registry.server();
  for (const v1::Node& node : nodes.nodes()) {
    if (node.is_self()) connections.target.node = node.id();
  }
  for (uint64_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(auto channel,
                     ConnectTo(registry.server(), registry.options().timeout, registry));
    connections.channels.push_back(std::move(channel));
  }
  ConnectOther(nodes, registry, connections);
  if (connections.other != nullptr) connections.target.no_other.clear();
  return connections;
}

}  // namespace rollcall::cli
