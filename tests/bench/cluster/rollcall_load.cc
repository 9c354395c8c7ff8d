#include "tests/bench/cluster/rollcall_load.h"

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rollcall::bench {
namespace {

struct Registering final : Tag {
  grpc::ClientContext context;
  v1::RegisterResponse response;
  grpc::Status status;
  bench::Done done;

  void Done() override {
    const std::unique_ptr<Registering> self(this);
    done(status.error_message());
  }
};

}  // namespace

RollcallLoad::RollcallLoad(const std::string& address, int connections, size_t instance_bytes,
                           std::string run)
    : spec_(*request_.add_instances()),
      run_(std::move(run)),
      run_hash_(static_cast<uint32_t>(std::hash<std::string>()(run_))) {
  request_.set_open(true);
  request_.mutable_ttl()->set_seconds(600);
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

void RollcallLoad::Register(uint64_t n, grpc::CompletionQueue& queue, Done done) {
  request_.set_session_id(absl::StrFormat("%08x%024x", run_hash_, n));
  request_.set_session_secret(absl::StrFormat("%032x", n));
  spec_.set_service(absl::StrFormat("bench-%03d", n % 1000));
  spec_.set_id(absl::StrFormat("instance-%s-%08d", run_, n));
  auto* registering = new Registering();
  registering->done = std::move(done);
  stubs_[n % stubs_.size()]
      ->AsyncRegister(&registering->context, request_, &queue)
      ->Finish(&registering->response, &registering->status, static_cast<Tag*>(registering));
}

}  // namespace rollcall::bench
