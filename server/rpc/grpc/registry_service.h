// RegistryService: rollcall.v1.Registry over gRPC.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include "client-sdk/base/clock.h"
#include "rollcall/v1/registry.grpc.pb.h"
#include "server/health/session_table.h"
#include "server/rpc/grpc/call_stats.h"
#include "server/rpc/grpc/keep_alive_reactor.h"
#include "server/rpc/grpc/register_messages.h"
#include "server/rpc/registry_handler.h"

namespace rollcall::rpc {

// KeepAlive is taken raw: of a frame that cannot be read, gRPC's own parsing tells no more than of
// the end of a stream.
using RegistryBase =
    v1::Registry::WithCallbackMethod_Register<v1::Registry::WithCallbackMethod_Deregister<
        v1::Registry::WithRawCallbackMethod_KeepAlive<v1::Registry::Service>>>;

class RegistryService final : public RegistryBase {
 public:
  RegistryService(RegistryHandler& handler, health::SessionTable& sessions, AnswerHead head,
                  const base::Clock& clock, CallStats& stats)
      : handler_(handler),
        sessions_(sessions),
        head_(std::move(head)),
        clock_(clock),
        stats_(stats) {
    SetMessageAllocatorFor_Register(&messages_);
  }

  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context,
                                     const v1::RegisterRequest* request,
                                     v1::RegisterResponse* response) override;
  grpc::ServerUnaryReactor* Deregister(grpc::CallbackServerContext* context,
                                       const v1::DeregisterRequest* request,
                                       v1::DeregisterResponse* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* KeepAlive(
      grpc::CallbackServerContext* context) override;

 private:
  RegistryHandler& handler_;
  health::SessionTable& sessions_;
  const AnswerHead head_;
  const base::Clock& clock_;
  CallStats& stats_;
  RegisterMessages messages_;
};

}  // namespace rollcall::rpc
