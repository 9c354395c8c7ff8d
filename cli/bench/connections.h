// Connections: to the node that is measured, several, and to another node of its cluster.
//
// Asks over the command's own connection who the nodes are; the first server that answers is the
// one that is measured.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/bench/plan.h"
#include "cli/client/registry.h"
#include "grpcpp/channel.h"

namespace rollcall::cli {

using Channel = std::shared_ptr<grpc::Channel>;

struct Connections {
  Target target;
  // Each a connection of its own.
  std::vector<Channel> channels;
  // nullptr: there is no other node, or none can be reached from here.
  Channel other;
};

absl::StatusOr<Connections> ConnectAll(Registry& registry, uint64_t count);

}  // namespace rollcall::cli
