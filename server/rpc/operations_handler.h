// OperationsHandler: what operators decide and ask.
//
// Thread-safe: requests are checked on the calling thread, decided on the core executor, and what
// must be read from disk (history) is read on the history executor. What each node knows only of
// itself (watchers, brakes) is asked of every present node.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "rollcall/v1/operations.pb.h"
#include "server/catalog/catalog.h"
#include "server/catalog/view_table.h"
#include "server/cluster/node_directory.h"
#include "server/feed/publisher_pool.h"
#include "server/flow/client_commands.h"
#include "server/health/session_table.h"
#include "server/history/history.h"
#include "server/rpc/call.h"
#include "server/rpc/every_node.h"
#include "server/rpc/read_gate.h"

namespace rollcall::rpc {

class OperationsHandler {
 public:
  struct Parts {
    base::Executor& core;
    base::Executor& history_executor;
    const base::Clock& clock;
    const catalog::Catalog& catalog;
    const catalog::ViewTable& views;
    flow::ClientCommands& commands;
    ReadGate& reads;
    health::SessionTable& sessions;
    feed::PublisherPool& feed;
    const history::History& history;
    // Fills in what the composition root knows: version, addresses, start time, … On the core
    // executor.
    std::function<void(v1::GetStatusResponse&)> describe_node;
    // RESOURCE_EXHAUSTED while this machine's disk has no room for the store. May block: on the
    // history executor. Null: nobody knows.
    std::function<absl::Status()> check_room = nullptr;
    NodeId self = {};
    // The other nodes; both null on one machine.
    const cluster::NodeDirectory* nodes = nullptr;
    EveryNode* others = nullptr;
  };
  explicit OperationsHandler(Parts parts) : parts_(std::move(parts)) {}

  void SetOverride(v1::SetOverrideRequest, Call, Reply<v1::SetOverrideResponse>);
  void ClearOverride(v1::ClearOverrideRequest, Call, Reply<v1::ClearOverrideResponse>);
  void ListOverrides(v1::ListOverridesRequest, Call, Reply<v1::ListOverridesResponse>);
  void RemoveInstance(v1::RemoveInstanceRequest, Call, Reply<v1::RemoveInstanceResponse>);
  void GetDrainStatus(v1::GetDrainStatusRequest, Call, Reply<v1::GetDrainStatusResponse>);
  void GetService(v1::GetServiceRequest, Call, Reply<v1::GetServiceResponse>);
  void PutService(v1::PutServiceRequest, Call, Reply<v1::PutServiceResponse>);
  void DeleteService(v1::DeleteServiceRequest, Call, Reply<v1::DeleteServiceResponse>);
  void GetHistory(v1::GetHistoryRequest, Call, Reply<v1::GetHistoryResponse>);
  void Explain(v1::ExplainRequest, Call, Reply<v1::ExplainResponse>);
  void ListInstances(v1::ListInstancesRequest, Call, Reply<v1::ListInstancesResponse>);
  void ListBrakes(v1::ListBrakesRequest, Call, Reply<v1::ListBrakesResponse>);
  void ReleaseBrake(v1::ReleaseBrakeRequest, Call, Reply<v1::ReleaseBrakeResponse>);
  void GetStatus(v1::GetStatusRequest, Call, Reply<v1::GetStatusResponse>);
  void ListNodes(v1::ListNodesRequest, Call, Reply<v1::ListNodesResponse>);

 private:
  // Submits on the core executor; `fill` completes the answer there. Revision and store are set.
  template <typename Response>
  void Commit(std::shared_ptr<command::Command> command, Call call, Reply<Response> reply,
              absl::AnyInvocable<void(Response&)> fill = nullptr);
  template <typename Response>
  void Stamp(Response& response, Revision revision) const;
  v1::Override ToProto(const Versioned<internal::v1::OverrideRecord>& record) const;
  // NOT_FOUND: this node does not know it. On the core executor.
  absl::StatusOr<v1::GetServiceResponse> ServiceNow(const ServiceName& name) const;
  v1::ListOverridesResponse OverridesNow(const v1::ListOverridesRequest& request) const;
  // What Explain says without the past; on the core executor.
  void ExplainNow(const InstanceName& name, v1::ExplainResponse& response);
  // `may_deny`: this node knows all that was acknowledged before the call. From any thread.
  void ExplainAs(const InstanceName& name, bool may_deny, Call call,
                 Reply<v1::ExplainResponse> reply);
  void ListNow(const v1::ListInstancesRequest& request, v1::ListInstancesResponse& response) const;
  // On the core executor.
  std::vector<v1::BrakeInfo> OwnBrakes() const;
  v1::Node SelfNow() const;

  const Parts parts_;
};

}  // namespace rollcall::rpc
