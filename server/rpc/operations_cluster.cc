// What OperationsHandler answers for all nodes of a cluster. On one machine there is only this one.
#include <utility>

#include "server/model/names.h"
#include "server/model/times.h"
#include "server/rpc/node_list.h"
#include "server/rpc/operations_handler.h"
#include "server/rpc/operator_checks.h"
#include "server/rpc/validation.h"

namespace rollcall::rpc {

std::vector<v1::BrakeInfo> OperationsHandler::OwnBrakes() const {
  std::vector<v1::BrakeInfo> brakes = parts_.sessions.Brakes();
  for (v1::BrakeInfo& brake : brakes) brake.set_node_id(parts_.self.value());
  return brakes;
}

void OperationsHandler::GetDrainStatus(v1::GetDrainStatusRequest request, Call call,
                                       Reply<v1::GetDrainStatusResponse> reply) {
  if (absl::Status status = ValidateKey(*request.mutable_key(), "key"); !status.ok()) {
    reply(std::move(status));
    return;
  }
  if (parts_.others != nullptr && !request.this_node_only()) {
    reply = parts_.others->DrainStatus(request, call, std::move(reply));
  }
  parts_.feed.DrainStatus(NameOf(request.key()).service, Revision(request.revision()),
                          [this, only_own = request.this_node_only(),
                           reply = std::move(reply)](v1::GetDrainStatusResponse own) mutable {
                            for (v1::DrainWatcher& laggard : *own.mutable_laggards()) {
                              laggard.set_node_id(parts_.self.value());
                            }
                            if (only_own && parts_.others != nullptr) {
                              parts_.others->AddLost(own);
                            }
                            reply(std::move(own));
                          });
}

void OperationsHandler::ListBrakes(v1::ListBrakesRequest request, Call call,
                                   Reply<v1::ListBrakesResponse> reply) {
  if (parts_.others != nullptr && !request.this_node_only()) {
    reply = parts_.others->Brakes(request, call, std::move(reply));
  }
  parts_.core.Post([this, reply = std::move(reply)]() mutable {
    v1::ListBrakesResponse own;
    for (v1::BrakeInfo& brake : OwnBrakes()) *own.add_brakes() = std::move(brake);
    reply(std::move(own));
  });
}

void OperationsHandler::ReleaseBrake(v1::ReleaseBrakeRequest request, Call call,
                                     Reply<v1::ReleaseBrakeResponse> reply) {
  if (Refused(ValidateKey(*request.mutable_key(), "key"), reply)) return;
  if (Refused(CheckActor(request.actor()), reply)) return;
  request.set_actor(ActorOf(request.actor(), call));
  if (parts_.others != nullptr && !request.this_node_only()) {
    reply = parts_.others->ReleaseBrake(request, call, std::move(reply));
  }
  const ServiceName name{request.key().namespace_(), request.key().service()};
  parts_.core.Post([this, name, actor = request.actor(), reply = std::move(reply)]() mutable {
    v1::ReleaseBrakeResponse own;
    own.set_released(parts_.sessions.ReleaseBrake(name, actor));
    reply(std::move(own));
  });
}

v1::Node OperationsHandler::SelfNow() const {
  v1::GetStatusResponse status;
  status.set_ready(true);
  parts_.describe_node(status);
  v1::Node self;
  self.set_id(status.node_id());
  self.set_grpc_address(status.grpc_address());
  self.set_http_address(status.http_address());
  self.set_version(status.version());
  *self.mutable_started() =
      rollcall::ToProto(parts_.clock.Wall() - rollcall::FromProto(status.uptime()));
  self.set_ready(status.ready());
  self.set_draining(status.draining());
  const health::HealthCounters sessions = parts_.sessions.counters();
  self.set_sessions(static_cast<uint32_t>(sessions.sessions));
  self.set_streams(static_cast<uint32_t>(sessions.connected));
  self.set_watchers(static_cast<uint32_t>(parts_.feed.stats().watchers));
  return self;
}

void OperationsHandler::ListNodes(v1::ListNodesRequest, Call, Reply<v1::ListNodesResponse> reply) {
  parts_.core.Post([this, reply = std::move(reply)]() mutable {
    v1::ListNodesResponse response;
    response.set_revision(parts_.catalog.applied().value());
    response.set_store_id(parts_.views.store_id().value());
    // Alone, a node does what in a cluster one of them does for all.
    cluster::NodeSnapshot alone;
    alone.sweeper = parts_.self;
    const auto known = parts_.nodes == nullptr ? nullptr : parts_.nodes->snapshot();
    FillNodes(known == nullptr ? alone : *known, SelfNow(), parts_.clock.Steady(), response);
    reply(std::move(response));
  });
}

}  // namespace rollcall::rpc
