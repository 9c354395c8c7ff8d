// RegisterMessages: the messages of a Register call, made so that the handler may take the request
// over. What gRPC makes by itself is const, and copying it took 3 % of a registration.
//
// Thread-safe.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/message_allocator.h>

#include "rollcall/v1/registry.pb.h"

namespace rollcall::rpc {

class RegisterMessages final
    : public grpc::MessageAllocator<v1::RegisterRequest, v1::RegisterResponse> {
 public:
  using Holder = grpc::MessageHolder<v1::RegisterRequest, v1::RegisterResponse>;

  Holder* AllocateMessages() override { return new Messages(); }

  // The request of a call whose messages were made here.
  static v1::RegisterRequest& RequestOf(grpc::CallbackServerContext& context) {
    return *static_cast<Holder*>(context.GetRpcAllocatorState())->request();
  }

 private:
  class Messages final : public Holder {
   public:
    Messages() {
      set_request(&request_);
      set_response(&response_);
    }
    void Release() override { delete this; }

   private:
    v1::RegisterRequest request_;
    v1::RegisterResponse response_;
  };
};

}  // namespace rollcall::rpc
