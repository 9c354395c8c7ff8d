// What ListNodes says of the nodes. Pure.
#pragma once

#include "client-sdk/base/instant.h"
#include "rollcall/v1/operations.pb.h"
#include "server/cluster/node_directory.h"

namespace rollcall::rpc {

// All present nodes by id. `self` is this node as it knows itself, which is newer than its record;
// it is listed also while it is not present.
void FillNodes(const cluster::NodeSnapshot& snapshot, v1::Node self, base::Instant now,
               v1::ListNodesResponse& response);

}  // namespace rollcall::rpc
