#include "tests/bench/restart/fleet.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "rollcall/v1/operations.grpc.pb.h"
#include "rollcall/v1/registry.grpc.pb.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

constexpr int kCallers = 16;

std::string ServiceOf(int session) {
  return absl::StrFormat("bench-%04d", session / Fleet::kSessionsPerService);
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

v1::InstanceSpec SpecOf(int session, int number, size_t bytes) {
  v1::InstanceSpec spec;
  spec.set_service(ServiceOf(session));
  spec.set_id(absl::StrFormat("instance-%06d-%03d", session, number));
  v1::Endpoint& endpoint = *spec.add_endpoints();
  endpoint.set_name("grpc");
  endpoint.set_address(absl::StrFormat("10.%d.%d.%d", session >> 8, session & 255, number));
  endpoint.set_port(8080);
  endpoint.set_protocol("grpc");
  spec.mutable_locality()->set_region("eu-1");
  spec.mutable_locality()->set_zone(absl::StrFormat("eu-1%c", 'a' + session % 3));
  spec.set_version("1.2.3");
  (*spec.mutable_metadata())["commit"] = absl::StrFormat("%032x", number);
  const size_t so_far = spec.ByteSizeLong() + 12;
  if (bytes > so_far) (*spec.mutable_metadata())["team"] = std::string(bytes - so_far, 'x');
  return spec;
}

v1::RegisterRequest RequestOf(int session, size_t bytes) {
  v1::RegisterRequest request;
  request.set_session_id(absl::StrFormat("%032x", session + 1));
  request.set_session_secret(absl::StrFormat("%032x", session + 1));
  request.set_open(true);
  request.mutable_ttl()->set_seconds(600);
  for (int i = 0; i < Fleet::kInstancesPerSession; ++i) {
    *request.add_instances() = SpecOf(session, i, bytes);
  }
  return request;
}

}  // namespace

void Fleet::Register(const std::string& address) const {
  const auto channel = Connect(address);
  std::atomic<int> next{0};
  std::atomic<bool> failed{false};
  const auto call = [&] {
    v1::Registry::Stub stub(channel);
    for (int session = next++; session < sessions_ && !failed; session = next++) {
      grpc::ClientContext context;
      v1::RegisterResponse response;
      const grpc::Status status =
          stub.Register(&context, RequestOf(session, instance_bytes_), &response);
      if (!status.ok() && !failed.exchange(true)) {
        absl::FPrintF(stderr, "a registration failed: %s\n", status.error_message());
      }
    }
  };
  std::vector<std::thread> callers;
  callers.reserve(kCallers);
  for (int i = 0; i < kCallers; ++i) callers.emplace_back(call);
  for (std::thread& caller : callers) caller.join();
  if (failed) integration::Fail("not all are registered");
}

bool Fleet::Complete(const std::string& address) const {
  v1::Operations::Stub stub(Connect(address));
  for (const int session : {0, sessions_ - 1}) {
    grpc::ClientContext context;
    v1::ListInstancesRequest request;
    request.set_service(ServiceOf(session));
    v1::ListInstancesResponse response;
    const grpc::Status status = stub.ListInstances(&context, request, &response);
    const int offering = std::min(kSessionsPerService,
                                  sessions_ - session / kSessionsPerService * kSessionsPerService);
    if (!status.ok() || response.instances_size() != offering * kInstancesPerSession) return false;
  }
  return true;
}

}  // namespace rollcall::bench
