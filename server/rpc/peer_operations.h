// PeerOperations: what a node asks of another node, for operators, and when it is cut off from the
// store, for itself. Implemented over gRPC in rpc/grpc and in memory in tests.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "rollcall/v1/operations.pb.h"
#include "server/rpc/call.h"

namespace rollcall::rpc {

struct Peer {
  std::string id;
  std::string address;
  // Set: it is lost, since this long ago (cluster/lost_nodes.h).
  std::optional<absl::Duration> gone_for = std::nullopt;
};

// Thread-safe. Each asks one node for what it alone knows; `reply` is called once, from any thread
// but never within the call: with the answer, or within `deadline` with why there is none.
class PeerOperations {
 public:
  virtual ~PeerOperations() = default;
  virtual void GetDrainStatus(const Peer& peer, const v1::GetDrainStatusRequest& request,
                              absl::Duration deadline, Reply<v1::GetDrainStatusResponse> reply) = 0;
  virtual void ListBrakes(const Peer& peer, const v1::ListBrakesRequest& request,
                          absl::Duration deadline, Reply<v1::ListBrakesResponse> reply) = 0;
  virtual void ReleaseBrake(const Peer& peer, const v1::ReleaseBrakeRequest& request,
                            absl::Duration deadline, Reply<v1::ReleaseBrakeResponse> reply) = 0;
  virtual void GetStatus(const Peer& peer, absl::Duration deadline,
                         Reply<v1::GetStatusResponse> reply) = 0;
};

}  // namespace rollcall::rpc
