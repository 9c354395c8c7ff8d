#include "tests/bench/cluster/echo.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "rollcall/v1/registry.grpc.pb.h"

namespace rollcall::bench {
namespace {

class EchoService final : public v1::Registry::CallbackService {
 public:
  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context,
                                     const v1::RegisterRequest* request,
                                     v1::RegisterResponse* response) override {
    response->set_session_id(request->session_id());
    response->set_session_secret(request->session_secret());
    response->set_store_id(request->session_id());
    response->add_lease_epochs(1'000'000);
    response->mutable_ttl()->set_seconds(600);
    response->set_revision(1'000'000);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int ServeEcho() {
  EchoService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("serving on %d.\n", port);
  std::fflush(stdout);
  server->Wait();
  return 0;
}

Echo::Echo() : process_({"/proc/self/exe", "--serve-echo"}) {
  process_.AwaitOutput(".\n");
  int port = 0;
  if (std::sscanf(process_.out().c_str(), "serving on %d", &port) != 1) {
    throw std::runtime_error("the echo server did not start");
  }
  address_ = absl::StrCat("127.0.0.1:", port);
}

}  // namespace rollcall::bench
