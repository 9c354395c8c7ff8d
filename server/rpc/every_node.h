// EveryNode: a question to one node, asked of every present node at the same time.
//
// Each method asks all the others and returns where this node's own answer goes; `reply` is called
// when that and theirs are in, at most kPeerDeadline later. A node that does not answer is named,
// with the reason; it holds nobody up for longer.
//
// Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "rollcall/v1/operations.pb.h"
#include "server/cluster/node_directory.h"
#include "server/model/ids.h"
#include "server/rpc/call.h"
#include "server/rpc/peer_operations.h"

namespace rollcall::rpc {

class EveryNode {
 public:
  static constexpr absl::Duration kPeerDeadline = absl::Seconds(2);

  EveryNode(NodeId self, const cluster::NodeDirectory& directory, PeerOperations& peers,
            const base::Clock& clock)
      : self_(std::move(self)), directory_(directory), peers_(peers), clock_(clock) {}

  // Not complete while a node did not answer.
  Reply<v1::GetDrainStatusResponse> DrainStatus(v1::GetDrainStatusRequest request, const Call& call,
                                                Reply<v1::GetDrainStatusResponse> reply);
  Reply<v1::ListBrakesResponse> Brakes(v1::ListBrakesRequest request, const Call& call,
                                       Reply<v1::ListBrakesResponse> reply);
  Reply<v1::ReleaseBrakeResponse> ReleaseBrake(v1::ReleaseBrakeRequest request, const Call& call,
                                               Reply<v1::ReleaseBrakeResponse> reply);

 private:
  template <typename Request, typename Response>
  using Ask = void (PeerOperations::*)(const Peer&, const Request&, absl::Duration,
                                       Reply<Response>);
  template <typename Response>
  using Merge = void (*)(const Response&, Response&);

  template <typename Request, typename Response>
  Reply<Response> AskAll(Request request, const Call& call, Ask<Request, Response> ask,
                         Response begin, Merge<Response> merge, Reply<Response> reply);
  std::vector<Peer> Others() const;

  const NodeId self_;
  const cluster::NodeDirectory& directory_;
  PeerOperations& peers_;
  const base::Clock& clock_;
};

}  // namespace rollcall::rpc
