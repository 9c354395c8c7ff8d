// DiscoveryService: rollcall.v1.Discovery over gRPC. Resolve and Watch move bytes that are encoded
// already, so they are taken raw.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include "client-sdk/base/clock.h"
#include "rollcall/v1/discovery.grpc.pb.h"
#include "server/feed/publisher_pool.h"
#include "server/rpc/discovery_handler.h"
#include "server/rpc/grpc/call_stats.h"

namespace rollcall::rpc {

using DiscoveryBase = v1::Discovery::WithCallbackMethod_ListServices<
    v1::Discovery::WithCallbackMethod_GetInstance<v1::Discovery::WithRawCallbackMethod_Resolve<
        v1::Discovery::WithRawCallbackMethod_Watch<v1::Discovery::Service>>>>;

class DiscoveryService final : public DiscoveryBase {
 public:
  DiscoveryService(DiscoveryHandler& handler, feed::PublisherPool& pool, const base::Clock& clock,
                   CallStats& stats)
      : handler_(handler), pool_(pool), clock_(clock), stats_(stats) {}

  grpc::ServerUnaryReactor* Resolve(grpc::CallbackServerContext* context,
                                    const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListServices(grpc::CallbackServerContext* context,
                                         const v1::ListServicesRequest* request,
                                         v1::ListServicesResponse* response) override;
  grpc::ServerUnaryReactor* GetInstance(grpc::CallbackServerContext* context,
                                        const v1::GetInstanceRequest* request,
                                        v1::GetInstanceResponse* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Watch(
      grpc::CallbackServerContext* context) override;

 private:
  DiscoveryHandler& handler_;
  feed::PublisherPool& pool_;
  const base::Clock& clock_;
  CallStats& stats_;
};

}  // namespace rollcall::rpc
