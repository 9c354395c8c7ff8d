#include "server/rpc/every_node.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "server/feed/drain_status.h"
#include "server/model/times.h"
#include "server/rpc/gathering.h"

namespace rollcall::rpc {
namespace {

void MergeBrakes(const v1::ListBrakesResponse& from, v1::ListBrakesResponse& into) {
  into.MergeFrom(from);
}

void MergeReleased(const v1::ReleaseBrakeResponse& from, v1::ReleaseBrakeResponse& into) {
  into.set_released(into.released() + from.released());
}

// A lost node that another remembers and has not asked: nobody says why it does not answer.
bool IsHearsay(const v1::UnreachableNode& node) { return node.why().empty(); }

void MergeDrains(const v1::GetDrainStatusResponse& from, v1::GetDrainStatusResponse& into) {
  feed::MergeDrainStatus(from, into);
  into.mutable_unreachable()->MergeFrom(from.unreachable());
}

// Takes what is hearsay out of `status`: who is lost, each once, but for `asked`.
std::vector<Peer> TakeHearsay(const std::vector<Peer>& asked, v1::GetDrainStatusResponse& status) {
  std::vector<Peer> known = asked;
  for (const v1::UnreachableNode& node : status.unreachable()) {
    const bool knew = std::any_of(known.begin(), known.end(), [&](const Peer& peer) {
      return peer.id == node.id() || peer.address == node.address();
    });
    if (!IsHearsay(node) || knew) continue;
    known.push_back({node.id(), node.address(), FromProto(node.gone_for())});
  }
  auto& named = *status.mutable_unreachable();
  named.erase(std::remove_if(named.begin(), named.end(), IsHearsay), named.end());
  known.erase(known.begin(), known.begin() + static_cast<ptrdiff_t>(asked.size()));
  return known;
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

std::vector<Peer> EveryNode::Lost() const {
  std::vector<Peer> lost;
  for (const cluster::LostNode& node : lost_.Recent()) {
    lost.push_back({node.id, node.grpc_address, clock_.Steady() - node.since});
  }
  return lost;
}

void EveryNode::AddLost(v1::GetDrainStatusResponse& own) const {
  for (const Peer& peer : Lost()) {
    v1::UnreachableNode& node = *own.add_unreachable();
    node.set_id(peer.id);
    node.set_address(peer.address);
    *node.mutable_gone_for() = ToProto(*peer.gone_for);
  }
}

template <typename Request, typename Response>
Reply<Response> EveryNode::AskAll(const std::vector<Peer>& peers, Request request,
                                  base::Instant deadline, Ask<Request, Response> ask,
                                  Response begin, Merge<Response> merge, Reply<Response> reply) {
  // Our caller is to hear of those who were silent before it gives up itself.
  const absl::Duration left = (deadline - clock_.Steady()) * 0.9;
  auto gathering = std::make_shared<Gathering<Response>>(peers.size() + 1, std::move(begin), merge,
                                                         std::move(reply));
  request.set_this_node_only(true);
  for (const Peer& peer : peers) {
    (peers_.*ask)(
        peer, request, std::min(left, kPeerDeadline),
        [gathering, peer](const absl::StatusOr<Response>& answer) { gathering->Of(peer, answer); });
  }
  return [gathering](const absl::StatusOr<Response>& own) { gathering->Own(own); };
}

Reply<v1::GetDrainStatusResponse> EveryNode::AskDrain(const std::vector<Peer>& peers,
                                                      const v1::GetDrainStatusRequest& request,
                                                      base::Instant deadline,
                                                      v1::GetDrainStatusResponse begin,
                                                      Reply<v1::GetDrainStatusResponse> reply) {
  return AskAll<v1::GetDrainStatusRequest, v1::GetDrainStatusResponse>(
      peers, request, deadline, &PeerOperations::GetDrainStatus, std::move(begin), MergeDrains,
      std::move(reply));
}

Reply<v1::GetDrainStatusResponse> EveryNode::DrainStatus(v1::GetDrainStatusRequest request,
                                                         const Call& call,
                                                         Reply<v1::GetDrainStatusResponse> reply) {
  v1::GetDrainStatusResponse begin;
  begin.set_complete(true);
  std::vector<Peer> peers = Others();
  for (Peer& lost : Lost()) peers.push_back(std::move(lost));
  return AskDrain(
      peers, request, call.deadline, std::move(begin),
      [this, peers, request, deadline = call.deadline,
       reply = std::move(reply)](absl::StatusOr<v1::GetDrainStatusResponse> all) mutable {
        if (!all.ok()) return reply(std::move(all));
        AskTheRest(std::move(peers), request, deadline, *std::move(all), std::move(reply));
      });
}

void EveryNode::AskTheRest(std::vector<Peer> asked, const v1::GetDrainStatusRequest& request,
                           base::Instant deadline, v1::GetDrainStatusResponse all,
                           Reply<v1::GetDrainStatusResponse> reply) {
  asked.push_back({self_.value(), ""});
  const std::vector<Peer> rest = TakeHearsay(asked, all);
  auto own = AskDrain(
      rest, request, deadline, std::move(all),
      [reply = std::move(reply)](absl::StatusOr<v1::GetDrainStatusResponse> answer) mutable {
        TakeHearsay({}, *answer);
        if (answer->unreachable_size() > 0) answer->set_complete(false);
        reply(std::move(answer));
      });
  v1::GetDrainStatusResponse nothing;
  nothing.set_complete(true);
  own(std::move(nothing));
}

Reply<v1::ListBrakesResponse> EveryNode::Brakes(v1::ListBrakesRequest request, const Call& call,
                                                Reply<v1::ListBrakesResponse> reply) {
  return AskAll<v1::ListBrakesRequest, v1::ListBrakesResponse>(
      Others(), std::move(request), call.deadline, &PeerOperations::ListBrakes, {}, MergeBrakes,
      std::move(reply));
}

Reply<v1::ReleaseBrakeResponse> EveryNode::ReleaseBrake(v1::ReleaseBrakeRequest request,
                                                        const Call& call,
                                                        Reply<v1::ReleaseBrakeResponse> reply) {
  return AskAll<v1::ReleaseBrakeRequest, v1::ReleaseBrakeResponse>(
      Others(), std::move(request), call.deadline, &PeerOperations::ReleaseBrake, {}, MergeReleased,
      std::move(reply));
}

}  // namespace rollcall::rpc
