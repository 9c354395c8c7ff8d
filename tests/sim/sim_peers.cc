#include "tests/sim/sim_peers.h"

#include "server/node/node.h"

namespace rollcall::sim {
namespace {

constexpr absl::Duration kLeastDelay = absl::Microseconds(50);
constexpr absl::Duration kMostDelay = absl::Milliseconds(2);

}  // namespace

SimServer* PeerNetwork::At(const std::string& address) const {
  const auto at = servers_.find(address);
  return at == servers_.end() ? nullptr : at->second;
}

const std::shared_ptr<Path>& PeerNetwork::Way(const std::string& from, const std::string& to) {
  std::shared_ptr<Path>& way = ways_[{from, to}];
  if (way == nullptr) way = std::make_shared<Path>();
  return way;
}

void PeerNetwork::Part(const std::string& address) {
  for (const auto& [other, server] : servers_) {
    Way(address, other)->Block();
    Way(other, address)->Block();
  }
}

void PeerNetwork::Rejoin(const std::string& address, base::Executor& queue) {
  for (const auto& [other, server] : servers_) {
    Way(address, other)->Heal(queue);
    Way(other, address)->Heal(queue);
  }
}

SimPeers::SimPeers(PeerNetwork* network, std::string self, base::Executor& queue,
                   const base::Clock& world, base::Executor& executor, const base::Clock& clock,
                   base::Random& random)
    : network_(network),
      self_(std::move(self)),
      queue_(queue),
      world_(world),
      executor_(executor),
      clock_(clock),
      random_(random) {}

template <typename Response, typename Serve>
void SimPeers::Ask(const rpc::Peer& peer, absl::Duration deadline, rpc::Reply<Response> reply,
                   Serve serve) {
  // The first to settle it wins: an answer, or the deadline.
  auto waiting = std::make_shared<rpc::Reply<Response>>(std::move(reply));
  auto settle = [waiting](absl::StatusOr<Response> answer) {
    if (*waiting) std::exchange(*waiting, nullptr)(std::move(answer));
  };
  executor_.PostAt(clock_.Steady() + deadline,
                   [settle] { settle(absl::DeadlineExceededError("no answer in time")); });
  if (network_ == nullptr) return;

  // Both ways, what arrives is taken by the process that it is for, when that goes on.
  auto back = [this, settle, life = std::weak_ptr(life_),
               way = network_->Way(peer.address, self_)](absl::StatusOr<Response> answer) {
    if (life.expired()) return;
    auto take = [this, settle, life, answer = std::move(answer)]() mutable {
      if (life.expired()) return;
      executor_.Post([settle, answer = std::move(answer)]() mutable { settle(std::move(answer)); });
    };
    Send(way, std::move(take));
  };
  Send(network_->Way(self_, peer.address),
       [this, server = network_->At(peer.address), life = std::weak_ptr(life_), deadline, back,
        serve = std::move(serve)] {
         if (life.expired()) return;
         if (server == nullptr || !server->up()) {
           return back(absl::UnavailableError("nobody listens"));
         }
         const rpc::Call call{server->ItsTime(world_.Steady()) + deadline, self_, nullptr};
         server->executor().Post([server, call, back, serve] {
           serve(server->node().operations(), call,
                 [back](absl::StatusOr<Response> answer) { back(std::move(answer)); });
         });
       });
}

void SimPeers::Send(std::shared_ptr<Path> way, absl::AnyInvocable<void()> arrival) {
  const base::Instant then = world_.Steady() + way->Delay(random_, kLeastDelay, kMostDelay);
  queue_.PostAt(then, [way = std::move(way), arrival = std::move(arrival)]() mutable {
    way->Deliver(std::move(arrival));
  });
}

void SimPeers::GetDrainStatus(const rpc::Peer& peer, const v1::GetDrainStatusRequest& request,
                              absl::Duration deadline,
                              rpc::Reply<v1::GetDrainStatusResponse> reply) {
  Ask<v1::GetDrainStatusResponse>(peer, deadline, std::move(reply),
                                  [request](auto& operations, auto call, auto answer) {
                                    operations.GetDrainStatus(request, call, std::move(answer));
                                  });
}

void SimPeers::ListBrakes(const rpc::Peer& peer, const v1::ListBrakesRequest& request,
                          absl::Duration deadline, rpc::Reply<v1::ListBrakesResponse> reply) {
  Ask<v1::ListBrakesResponse>(peer, deadline, std::move(reply),
                              [request](auto& operations, auto call, auto answer) {
                                operations.ListBrakes(request, call, std::move(answer));
                              });
}

void SimPeers::ReleaseBrake(const rpc::Peer& peer, const v1::ReleaseBrakeRequest& request,
                            absl::Duration deadline, rpc::Reply<v1::ReleaseBrakeResponse> reply) {
  Ask<v1::ReleaseBrakeResponse>(peer, deadline, std::move(reply),
                                [request](auto& operations, auto call, auto answer) {
                                  operations.ReleaseBrake(request, call, std::move(answer));
                                });
}

void SimPeers::GetStatus(const rpc::Peer& peer, absl::Duration deadline,
                         rpc::Reply<v1::GetStatusResponse> reply) {
  Ask<v1::GetStatusResponse>(peer, deadline, std::move(reply),
                             [](auto& operations, auto call, auto answer) {
                               operations.GetStatus({}, call, std::move(answer));
                             });
}

}  // namespace rollcall::sim
