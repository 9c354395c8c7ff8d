// EveryNode: a question to one node, asked of every present node at the same time.
//
// Each method asks all the others and returns where this node's own answer goes; `reply` is called
// when that and theirs are in, at most kPeerDeadline later. A node that does not answer is named,
// with the reason; it holds nobody up for longer.
//
// A drain is asked of the lost nodes too (cluster/lost_nodes.h): one that is cut off from the store
// may be alive, and answer at its last address. Those that only other nodes remember, for they were
// there when it went, are asked in a second round.
//
// Thread-safe.
#pragma once

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "rollcall/v1/operations.pb.h"
#include "server/cluster/lost_nodes.h"
#include "server/cluster/node_directory.h"
#include "server/model/ids.h"
#include "server/rpc/call.h"
#include "server/rpc/peer_operations.h"

namespace rollcall::rpc {

class EveryNode {
 public:
  static constexpr absl::Duration kPeerDeadline = absl::Seconds(2);

  EveryNode(NodeId self, const cluster::NodeDirectory& directory, const cluster::LostNodes& lost,
            PeerOperations& peers, const base::Clock& clock)
      : self_(std::move(self)), directory_(directory), lost_(lost), peers_(peers), clock_(clock) {}

  // Not complete while a node did not answer, whether it is present or lost.
  Reply<v1::GetDrainStatusResponse> DrainStatus(v1::GetDrainStatusRequest request, const Call& call,
                                                Reply<v1::GetDrainStatusResponse> reply);
  // What this node's answer to another says of lost nodes.
  void AddLost(v1::GetDrainStatusResponse& own) const;
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
  Reply<Response> AskAll(const std::vector<Peer>& peers, Request request, base::Instant deadline,
                         Ask<Request, Response> ask, Response begin, Merge<Response> merge,
                         Reply<Response> reply);
  Reply<v1::GetDrainStatusResponse> AskDrain(const std::vector<Peer>& peers,
                                             const v1::GetDrainStatusRequest& request,
                                             base::Instant deadline,
                                             v1::GetDrainStatusResponse begin,
                                             Reply<v1::GetDrainStatusResponse> reply);
  // Asks those of whom `all` knows by hearsay alone; `asked` have been asked.
  void AskTheRest(std::vector<Peer> asked, const v1::GetDrainStatusRequest& request,
                  base::Instant deadline, v1::GetDrainStatusResponse all,
                  Reply<v1::GetDrainStatusResponse> reply);
  std::vector<Peer> Others() const;
  std::vector<Peer> Lost() const;

  const NodeId self_;
  const cluster::NodeDirectory& directory_;
  const cluster::LostNodes& lost_;
  PeerOperations& peers_;
  const base::Clock& clock_;
};

}  // namespace rollcall::rpc
