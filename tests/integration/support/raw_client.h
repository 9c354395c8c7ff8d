// RawClient: the registry's own API, one blocking call after the other, each with a deadline.
//
// For tests that say exactly what goes over the wire; what a well-behaved client does beyond that
// is the SDK's. Thread-safe.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rollcall/v1/discovery.grpc.pb.h"
#include "rollcall/v1/operations.grpc.pb.h"
#include "rollcall/v1/registry.grpc.pb.h"
#include "tests/integration/support/bounded.h"
#include "tests/integration/support/registry.h"

namespace rollcall::integration {

// Throws, naming what was asked, if the status is not OK.
void Require(const grpc::Status& status, const std::string& what);

v1::InstanceKey Key(const std::string& service, const std::string& id);
// One endpoint, in zone `zone`.
v1::InstanceSpec Spec(const std::string& service, const std::string& id,
                      const std::string& zone = "");
// Of sessions that nobody is to suspect while a test runs: the longest that there is.
inline constexpr absl::Duration kLong = absl::Minutes(10);
// Opens a session that the server names.
v1::RegisterRequest Registration(const std::vector<v1::InstanceSpec>& specs, absl::Duration ttl);

class RawClient {
 public:
  explicit RawClient(std::shared_ptr<grpc::Channel> channel) : channel_(std::move(channel)) {}
  explicit RawClient(const Registry& registry) : RawClient(registry.Connect()) {}

  // For example Call(&v1::Registry::Stub::Register, request, response).
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response& response, absl::Duration limit = kSoon) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + limit));
    context.set_wait_for_ready(true);
    Stub stub(channel_);
    return (stub.*method)(&context, request, &response);
  }
  // The same, and must succeed.
  template <typename Stub, typename Request, typename Response>
  Response Get(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
               const std::type_identity_t<Request>& request) {
    Response response;
    Require(Call(method, request, response), request.GetTypeName());
    return response;
  }

  v1::RegisterResponse Register(const v1::RegisterRequest& request) {
    return Get(&v1::Registry::Stub::Register, request);
  }
  grpc::Status TryRegister(const v1::RegisterRequest& request) {
    v1::RegisterResponse ignored;
    return Call(&v1::Registry::Stub::Register, request, ignored);
  }
  v1::ListInstancesResponse Instances(const std::string& service);
  // STANDING_UNSPECIFIED if it is not registered.
  v1::Standing StandingOf(const std::string& service, const std::string& id);
  uint64_t Revision();
  // A registration is answered before its stream is there; only then does the registry notice at
  // once that the process died.
  void AwaitStreams(uint64_t count);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace rollcall::integration
