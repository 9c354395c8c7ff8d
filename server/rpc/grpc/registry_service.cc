#include "server/rpc/grpc/registry_service.h"

#include <utility>

#include "server/rpc/grpc/unary.h"

namespace rollcall::rpc {

grpc::ServerUnaryReactor* RegistryService::Register(grpc::CallbackServerContext* context,
                                                    const v1::RegisterRequest*,
                                                    v1::RegisterResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  v1::RegisterRequest& request = RegisterMessages::RequestOf(*context);
  Reply<v1::RegisterResponse> reply = Finishing(reactor, response, stats_, Method::kRegister);
  const bool opens = RegistryHandler::OpensSession(request);
  if (absl::Status room = opens ? sessions_.AdmitSession() : absl::OkStatus(); !room.ok()) {
    reply(std::move(room));
  } else {
    handler_.Register(std::move(request), CallOf(context, clock_), std::move(reply));
  }
  return reactor;
}

grpc::ServerUnaryReactor* RegistryService::Deregister(grpc::CallbackServerContext* context,
                                                      const v1::DeregisterRequest* request,
                                                      v1::DeregisterResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  handler_.Deregister(*request, CallOf(context, clock_),
                      Finishing(reactor, response, stats_, Method::kDeregister));
  return reactor;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* RegistryService::KeepAlive(
    grpc::CallbackServerContext* context) {
  return KeepAliveReactor::Start(sessions_, head_, context, stats_);
}

}  // namespace rollcall::rpc
