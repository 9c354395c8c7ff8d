#include "server/rpc/grpc/grpc_server.h"

#include <grpcpp/ext/channelz_service_plugin.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "grpc/health/v1/health.pb.h"
#include "server/model/host_of.h"
#include "server/model/limits.h"

namespace rollcall::rpc {
namespace {

constexpr int kMaxHeaderBytes = 8 << 10;

// What these are for and how they were measured: docs/adr/0004-callback-api.md.
void SetLimits(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxHeaderBytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5000);
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const Options& options, const std::vector<grpc::Service*>& services) {
  ASSIGN_OR_RETURN(const std::shared_ptr<grpc::ServerCredentials> credentials,
                   MakeCredentials(options.tls, options.on_tls_change));
  grpc::EnableDefaultHealthCheckService(true);
  // Reflection describes what is linked in, and that is what is used.
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::channelz::experimental::InitChannelzService();

  auto server = std::unique_ptr<GrpcServer>(new GrpcServer());
  for (const std::string& address : options.listen) {
    ASSIGN_OR_RETURN(const int port, server->acceptor_.Listen(address));
    server->ports_.push_back(port);
    server->addresses_.push_back(absl::StrCat(HostOf(address), ":", port));
  }
  grpc::ServerBuilder builder;
  SetLimits(builder);
  using Kind = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  server->door_ = builder.experimental().AddExternalConnectionAcceptor(Kind::FROM_FD, credentials);
  builder.AddListeningPort(absl::StrCat("unix:", options.self_socket),
                           grpc::InsecureServerCredentials());
  for (grpc::Service* service : services) builder.RegisterService(service);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("gRPC cannot start, or cannot listen on ", options.self_socket));
  }
  server->acceptor_.Start(
      [door = server->door_.get()](int listener, int fd) {
        Door::NewConnectionParameters connection;
        connection.listener_fd = listener;
        connection.fd = fd;
        door->HandleNewConnection(&connection);
      },
      options.on_trouble);
  server->SetServing(false);
  return server;
}

GrpcServer::~GrpcServer() {
  if (server_ != nullptr) Shutdown(absl::ZeroDuration());
}

void GrpcServer::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus(serving);
  for (const char* name :
       {"rollcall.v1.Registry", "rollcall.v1.Discovery", "rollcall.v1.Operations"}) {
    health->SetServingStatus(name, serving);
  }
}

void GrpcServer::Shutdown(absl::Duration grace) {
  acceptor_.Stop();
  // Without a deadline it would wait for open streams for ever.
  server_->Shutdown(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(grace));
  server_->Wait();
}

}  // namespace rollcall::rpc
