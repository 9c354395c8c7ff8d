#include "server/rpc/every_node.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "server/feed/drain_status.h"
#include "server/rpc/gathering.h"

namespace rollcall::rpc {
namespace {

void MergeBrakes(const v1::ListBrakesResponse& from, v1::ListBrakesResponse& into) {
  into.MergeFrom(from);
}

void MergeReleased(const v1::ReleaseBrakeResponse& from, v1::ReleaseBrakeResponse& into) {
  into.set_released(into.released() + from.released());
}

}  // namespace

std::vector<Peer> EveryNode::Others() const {
  std::vector<Peer> others;
  for (const cluster::PresentNode& node : directory_.snapshot()->nodes) {
    if (node.record.id() == self_.value()) continue;
    others.push_back({node.record.id(), node.record.grpc_address()});
  }
  return others;
}

template <typename Request, typename Response>
Reply<Response> EveryNode::AskAll(Request request, const Call& call, Ask<Request, Response> ask,
                                  Response begin, Merge<Response> merge, Reply<Response> reply) {
  const std::vector<Peer> others = Others();
  // Our caller is to hear of those who were silent before it gives up itself.
  const absl::Duration left = (call.deadline - clock_.Steady()) * 0.9;
  auto gathering = std::make_shared<Gathering<Response>>(others.size() + 1, std::move(begin), merge,
                                                         std::move(reply));
  request.set_this_node_only(true);
  for (const Peer& peer : others) {
    (peers_.*ask)(
        peer, request, std::min(left, kPeerDeadline),
        [gathering, peer](const absl::StatusOr<Response>& answer) { gathering->Of(peer, answer); });
  }
  return [gathering](const absl::StatusOr<Response>& own) { gathering->Own(own); };
}

Reply<v1::GetDrainStatusResponse> EveryNode::DrainStatus(v1::GetDrainStatusRequest request,
                                                         const Call& call,
                                                         Reply<v1::GetDrainStatusResponse> reply) {
  v1::GetDrainStatusResponse begin;
  begin.set_complete(true);
  return AskAll<v1::GetDrainStatusRequest, v1::GetDrainStatusResponse>(
      std::move(request), call, &PeerOperations::GetDrainStatus, std::move(begin),
      feed::MergeDrainStatus,
      [reply = std::move(reply)](absl::StatusOr<v1::GetDrainStatusResponse> all) mutable {
        if (all.ok() && all->unreachable_size() > 0) all->set_complete(false);
        reply(std::move(all));
      });
}

Reply<v1::ListBrakesResponse> EveryNode::Brakes(v1::ListBrakesRequest request, const Call& call,
                                                Reply<v1::ListBrakesResponse> reply) {
  return AskAll<v1::ListBrakesRequest, v1::ListBrakesResponse>(
      std::move(request), call, &PeerOperations::ListBrakes, {}, MergeBrakes, std::move(reply));
}

Reply<v1::ReleaseBrakeResponse> EveryNode::ReleaseBrake(v1::ReleaseBrakeRequest request,
                                                        const Call& call,
                                                        Reply<v1::ReleaseBrakeResponse> reply) {
  return AskAll<v1::ReleaseBrakeRequest, v1::ReleaseBrakeResponse>(
      std::move(request), call, &PeerOperations::ReleaseBrake, {}, MergeReleased, std::move(reply));
}

}  // namespace rollcall::rpc
