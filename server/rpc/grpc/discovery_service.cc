#include "server/rpc/grpc/discovery_service.h"

#include "server/rpc/grpc/grpc_frame.h"
#include "server/rpc/grpc/parse.h"
#include "server/rpc/grpc/unary.h"
#include "server/rpc/grpc/watch_reactor.h"

namespace rollcall::rpc {

grpc::ServerUnaryReactor* DiscoveryService::Resolve(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  v1::ResolveRequest parsed;
  if (!ParseInto(*request, parsed)) {
    reactor->Finish(
        ToGrpc(absl::InvalidArgumentError("the message is not a rollcall.v1.ResolveRequest")));
    return reactor;
  }
  handler_.Resolve(std::move(parsed), CallOf(context, clock_),
                   [this, reactor, response](absl::StatusOr<DiscoveryHandler::Resolved> resolved) {
                     stats_.Count(Method::kResolve, resolved.status().code());
                     if (resolved.ok()) {
                       *response = Join(resolved->head, resolved->instances.get());
                     }
                     reactor->Finish(ToGrpc(resolved.status()));
                   });
  return reactor;
}

grpc::ServerUnaryReactor* DiscoveryService::ListServices(grpc::CallbackServerContext* context,
                                                         const v1::ListServicesRequest* request,
                                                         v1::ListServicesResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  Finishing(reactor, response, stats_, Method::kListServices)(handler_.ListServices(*request));
  return reactor;
}

grpc::ServerUnaryReactor* DiscoveryService::GetInstance(grpc::CallbackServerContext* context,
                                                        const v1::GetInstanceRequest* request,
                                                        v1::GetInstanceResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  handler_.GetInstance(*request, CallOf(context, clock_),
                       Finishing(reactor, response, stats_, Method::kGetInstance));
  return reactor;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* DiscoveryService::Watch(
    grpc::CallbackServerContext* context) {
  return WatchReactor::Start(pool_, context, stats_);
}

}  // namespace rollcall::rpc
