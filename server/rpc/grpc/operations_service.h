// OperationsService: rollcall.v1.Operations over gRPC.
#pragma once

#include "client-sdk/base/clock.h"
#include "rollcall/v1/operations.grpc.pb.h"
#include "server/rpc/backup_handler.h"
#include "server/rpc/grpc/backup_reactor.h"
#include "server/rpc/grpc/call_stats.h"
#include "server/rpc/grpc/unary.h"
#include "server/rpc/operations_handler.h"

namespace rollcall::rpc {

class OperationsService final : public v1::Operations::CallbackService {
 public:
  OperationsService(OperationsHandler& handler, BackupHandler& backups, const base::Clock& clock,
                    CallStats& stats)
      : handler_(handler), backups_(backups), clock_(clock), stats_(stats) {}

  grpc::ServerUnaryReactor* SetOverride(grpc::CallbackServerContext* context,
                                        const v1::SetOverrideRequest* request,
                                        v1::SetOverrideResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::SetOverride,
                  Method::kSetOverride);
  }
  grpc::ServerUnaryReactor* ClearOverride(grpc::CallbackServerContext* context,
                                          const v1::ClearOverrideRequest* request,
                                          v1::ClearOverrideResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::ClearOverride,
                  Method::kClearOverride);
  }
  grpc::ServerUnaryReactor* ListOverrides(grpc::CallbackServerContext* context,
                                          const v1::ListOverridesRequest* request,
                                          v1::ListOverridesResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::ListOverrides,
                  Method::kListOverrides);
  }
  grpc::ServerUnaryReactor* RemoveInstance(grpc::CallbackServerContext* context,
                                           const v1::RemoveInstanceRequest* request,
                                           v1::RemoveInstanceResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::RemoveInstance,
                  Method::kRemoveInstance);
  }
  grpc::ServerUnaryReactor* GetDrainStatus(grpc::CallbackServerContext* context,
                                           const v1::GetDrainStatusRequest* request,
                                           v1::GetDrainStatusResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::GetDrainStatus,
                  Method::kGetDrainStatus);
  }
  grpc::ServerUnaryReactor* GetService(grpc::CallbackServerContext* context,
                                       const v1::GetServiceRequest* request,
                                       v1::GetServiceResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::GetService, Method::kGetService);
  }
  grpc::ServerUnaryReactor* PutService(grpc::CallbackServerContext* context,
                                       const v1::PutServiceRequest* request,
                                       v1::PutServiceResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::PutService, Method::kPutService);
  }
  grpc::ServerUnaryReactor* DeleteService(grpc::CallbackServerContext* context,
                                          const v1::DeleteServiceRequest* request,
                                          v1::DeleteServiceResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::DeleteService,
                  Method::kDeleteService);
  }
  grpc::ServerUnaryReactor* GetHistory(grpc::CallbackServerContext* context,
                                       const v1::GetHistoryRequest* request,
                                       v1::GetHistoryResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::GetHistory, Method::kGetHistory);
  }
  grpc::ServerUnaryReactor* Explain(grpc::CallbackServerContext* context,
                                    const v1::ExplainRequest* request,
                                    v1::ExplainResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::Explain, Method::kExplain);
  }
  grpc::ServerUnaryReactor* ListInstances(grpc::CallbackServerContext* context,
                                          const v1::ListInstancesRequest* request,
                                          v1::ListInstancesResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::ListInstances,
                  Method::kListInstances);
  }
  grpc::ServerUnaryReactor* ListBrakes(grpc::CallbackServerContext* context,
                                       const v1::ListBrakesRequest* request,
                                       v1::ListBrakesResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::ListBrakes, Method::kListBrakes);
  }
  grpc::ServerUnaryReactor* ReleaseBrake(grpc::CallbackServerContext* context,
                                         const v1::ReleaseBrakeRequest* request,
                                         v1::ReleaseBrakeResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::ReleaseBrake,
                  Method::kReleaseBrake);
  }
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::GetStatus, Method::kGetStatus);
  }
  grpc::ServerUnaryReactor* ListNodes(grpc::CallbackServerContext* context,
                                      const v1::ListNodesRequest* request,
                                      v1::ListNodesResponse* response) override {
    return Handle(context, *request, response, &OperationsHandler::ListNodes, Method::kListNodes);
  }
  grpc::ServerWriteReactor<v1::BackupResponse>* Backup(grpc::CallbackServerContext* context,
                                                       const v1::BackupRequest*) override {
    return BackupReactor::Start(backups_, context, stats_);
  }

 private:
  template <typename Request, typename Response>
  using Asks = void (OperationsHandler::*)(Request, Call, Reply<Response>);

  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Handle(grpc::CallbackServerContext* context, const Request& request,
                                   Response* response, Asks<Request, Response> ask, Method method) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    (handler_.*ask)(request, CallOf(context, clock_), Finishing(reactor, response, stats_, method));
    return reactor;
  }

  OperationsHandler& handler_;
  BackupHandler& backups_;
  const base::Clock& clock_;
  CallStats& stats_;
};

}  // namespace rollcall::rpc
