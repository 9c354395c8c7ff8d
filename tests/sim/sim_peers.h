// SimPeers: what a simulated node asks of other nodes: calls over the paths between them, which may
// be blocked as those of clients may.
//
// Belongs to the asking process, and to the simulator's thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/rpc/peer_operations.h"
#include "tests/sim/sim_server.h"
#include "tests/sim/world/path.h"

namespace rollcall::sim {

// The nodes by address, and the ways from each to each.
class PeerNetwork {
 public:
  void Add(const std::string& address, SimServer& server) { servers_[address] = &server; }
  // nullptr: nobody is there.
  SimServer* At(const std::string& address) const;
  const std::shared_ptr<Path>& Way(const std::string& from, const std::string& to);
  // Both ways between this node and each other.
  void Part(const std::string& address);
  void Rejoin(const std::string& address, base::Executor& queue);

 private:
  std::map<std::string, SimServer*> servers_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Path>> ways_;
};

class SimPeers final : public rpc::PeerOperations {
 public:
  // `network` null: nobody answers. `queue` and `world` are the simulator's, `executor` and `clock`
  // the asking process's.
  SimPeers(PeerNetwork* network, std::string self, base::Executor& queue, const base::Clock& world,
           base::Executor& executor, const base::Clock& clock, base::Random& random);

  void GetDrainStatus(const rpc::Peer& peer, const v1::GetDrainStatusRequest& request,
                      absl::Duration deadline,
                      rpc::Reply<v1::GetDrainStatusResponse> reply) override;
  void ListBrakes(const rpc::Peer& peer, const v1::ListBrakesRequest& request,
                  absl::Duration deadline, rpc::Reply<v1::ListBrakesResponse> reply) override;
  void ReleaseBrake(const rpc::Peer& peer, const v1::ReleaseBrakeRequest& request,
                    absl::Duration deadline, rpc::Reply<v1::ReleaseBrakeResponse> reply) override;
  void GetStatus(const rpc::Peer& peer, absl::Duration deadline,
                 rpc::Reply<v1::GetStatusResponse> reply) override;

 private:
  // `serve(operations, call, reply)` at the other node.
  template <typename Response, typename Serve>
  void Ask(const rpc::Peer& peer, absl::Duration deadline, rpc::Reply<Response> reply, Serve serve);

  void Send(std::shared_ptr<Path> way, absl::AnyInvocable<void()> arrival);

  PeerNetwork* const network_;
  const std::string self_;
  base::Executor& queue_;
  const base::Clock& world_;
  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  // Answers that come when the process is gone reach nobody.
  const std::shared_ptr<const bool> life_ = std::make_shared<const bool>(true);
};

}  // namespace rollcall::sim
