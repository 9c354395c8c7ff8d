// RegistryHandler: registering and deregistering (KeepAlive goes from the transport to
// health::SessionTable directly).
//
// A node that has yet to catch up with the store takes none of them: UNAVAILABLE.
//
// Thread-safe: requests are checked on the calling thread and decided on the core executor.
#pragma once

#include <atomic>
#include <cstdint>

#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "rollcall/v1/registry.pb.h"
#include "server/flow/client_commands.h"
#include "server/flow/registration_flow.h"
#include "server/flow/session_closer.h"
#include "server/rpc/call.h"
#include "server/rpc/validation.h"

namespace rollcall::rpc {

class RegistryHandler {
 public:
  struct Counters {
    std::atomic<uint64_t> registrations{0};
    std::atomic<uint64_t> instances_registered{0};
    std::atomic<uint64_t> deregistrations{0};
  };

  // `secrets` makes session ids and secrets; it must be thread-safe and good for secrets.
  RegistryHandler(base::Executor& core, flow::RegistrationFlow& registrations,
                  flow::SessionCloser& closer, flow::ClientCommands& commands,
                  base::Random& secrets, TtlBounds bounds, StoreId store_id, NodeId home);

  void Register(v1::RegisterRequest request, Call call, Reply<v1::RegisterResponse> reply);
  void Deregister(v1::DeregisterRequest request, Call call, Reply<v1::DeregisterResponse> reply);

  // Whether this node has caught up with the store; true at first.
  void SetReady(bool ready) { ready_ = ready; }

  // Whether the request may open a session, for which there must be room.
  static bool OpensSession(const v1::RegisterRequest& request);
  const Counters& counters() const { return counters_; }

 private:
  flow::RegistrationFlow::Request Flow(v1::RegisterRequest& request, Call& call);

  base::Executor& core_;
  flow::RegistrationFlow& registrations_;
  flow::SessionCloser& closer_;
  flow::ClientCommands& commands_;
  base::Random& secrets_;
  const TtlBounds bounds_;
  const StoreId store_id_;
  const NodeId home_;
  std::atomic<bool> ready_{true};
  Counters counters_;
};

}  // namespace rollcall::rpc
