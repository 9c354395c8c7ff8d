// GrpcServer: the listening gRPC server: services, health, reflection, channelz, limits,
// credentials.
//
// Connections are accepted by an Acceptor of our own and handed to gRPC. Besides the public
// addresses it listens on a private unix socket, over which the node beats to itself through the
// same threads. Thread-safe after Start.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/rpc/grpc/acceptor.h"
#include "server/rpc/grpc/credentials.h"

namespace rollcall::rpc {

class GrpcServer {
 public:
  struct Options {
    // host:port; port 0 picks a free one.
    std::vector<std::string> listen;
    TlsFiles tls;
    // Of gRPC's threads; see Certificates.
    Certificates::OnChange on_tls_change;
    // Path of the private socket.
    std::string self_socket;
    // Connections could not be accepted; called on the acceptor's thread.
    Acceptor::OnTrouble on_trouble;
  };

  // `services` outlive the server. UNAVAILABLE if an address cannot be had.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const Options& options, const std::vector<grpc::Service*>& services);
  ~GrpcServer();

  // With the ports that were picked, in the order of Options::listen.
  const std::vector<std::string>& addresses() const { return addresses_; }
  const std::vector<int>& ports() const { return ports_; }

  // What gRPC health says of "" and of each rollcall.v1 service.
  void SetServing(bool serving);
  // Takes no new calls; those under way have `grace`, then are cancelled. Returns when all ended.
  void Shutdown(absl::Duration grace);

 private:
  GrpcServer() = default;

  using Door = grpc::experimental::ExternalConnectionAcceptor;

  Acceptor acceptor_;
  std::unique_ptr<Door> door_;  // gRPC's side of it
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::string> addresses_;
  std::vector<int> ports_;
};

}  // namespace rollcall::rpc
