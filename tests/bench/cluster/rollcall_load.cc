#include "tests/bench/cluster/rollcall_load.h"

#include <grpcpp/grpcpp.h>

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rollcall::bench {
namespace {

struct Registering {
  grpc::ClientContext context;
  v1::RegisterRequest request;
  v1::RegisterResponse response;
  Done done;
};

}  // namespace

RollcallLoad::RollcallLoad(const std::string& address, int connections, size_t instance_bytes,
                           std::string run)
    : run_(std::move(run)) {
  for (int i = 0; i < connections; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs_.push_back(v1::Registry::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
  spec_.set_service("bench-000");
  spec_.set_id(absl::StrCat("instance-", run_, "-00000000"));
  v1::Endpoint& endpoint = *spec_.add_endpoints();
  endpoint.set_name("grpc");
  endpoint.set_address("10.1.2.3");
  endpoint.set_port(8080);
  endpoint.set_protocol("grpc");
  spec_.mutable_locality()->set_region("eu-1");
  spec_.mutable_locality()->set_zone("eu-1a");
  spec_.set_version("1.2.3");
  const size_t so_far = spec_.ByteSizeLong();
  const size_t more = instance_bytes > so_far + 16 ? instance_bytes - so_far - 16 : 0;
  (*spec_.mutable_metadata())["team"] = std::string(more, 'x');
}

void RollcallLoad::Register(uint64_t n, Done done) {
  auto registering = std::make_shared<Registering>();
  registering->done = std::move(done);
  v1::RegisterRequest& request = registering->request;
  request.set_session_id(
      absl::StrFormat("%08x%024x", std::hash<std::string>()(run_) & 0xffffffff, n));
  request.set_session_secret(absl::StrFormat("%032x", n));
  request.set_open(true);
  request.mutable_ttl()->set_seconds(600);
  v1::InstanceSpec& spec = *request.add_instances();
  spec = spec_;
  spec.set_service(absl::StrFormat("bench-%03d", n % 1000));
  spec.set_id(absl::StrFormat("instance-%s-%08d", run_, n));
  stubs_[n % stubs_.size()]->async()->Register(
      &registering->context, &request, &registering->response,
      [registering](const grpc::Status& status) { registering->done(status.error_message()); });
}

}  // namespace rollcall::bench
