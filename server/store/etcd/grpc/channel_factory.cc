#include "server/store/etcd/grpc/channel_factory.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::etcd {
namespace {

constexpr unsigned kCertificateRefreshSeconds = 1;
// Fragments of a watch are up to 2 MiB; pages of a load are bounded by their count only.
constexpr int kMostReceivedBytes = 64 << 20;
constexpr int kFirstReconnectMs = 100;
constexpr int kMostReconnectMs = 1000;

absl::Status CheckReadable(const std::string& path, absl::string_view what) {
  if (path.empty() || std::ifstream(path).good()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("etcd's ", what, ": cannot read \"", path, "\"; expected a PEM file"));
}

absl::Status Check(const EtcdTls& tls) {
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("etcd's client certificate \"", tls.cert_file,
                                                   "\" and key \"", tls.key_file,
                                                   "\": expected both or neither"));
  }
  RETURN_IF_ERROR(CheckReadable(tls.ca_file, "CA"));
  RETURN_IF_ERROR(CheckReadable(tls.cert_file, "client certificate"));
  return CheckReadable(tls.key_file, "client key");
}

std::shared_ptr<grpc::ChannelCredentials> MakeCredentials(const EtcdTls& tls) {
  namespace x = grpc::experimental;
  x::TlsChannelCredentialsOptions options;
  if (!tls.ca_file.empty() || !tls.cert_file.empty()) {
    options.set_certificate_provider(std::make_shared<x::FileWatcherCertificateProvider>(
        tls.key_file, tls.cert_file, tls.ca_file, kCertificateRefreshSeconds));
  }
  if (!tls.ca_file.empty()) options.watch_root_certs();
  if (!tls.cert_file.empty()) options.watch_identity_key_cert_pairs();
  return x::TlsCredentials(options);
}

}  // namespace

absl::StatusOr<ChannelFactory> ChannelFactory::Create(const GrpcEtcdOptions& options) {
  if (options.endpoints.empty()) {
    return absl::InvalidArgumentError("no etcd endpoint is given; expected at least one");
  }
  RETURN_IF_ERROR(Check(options.tls));
  const bool tls = options.endpoints.front().tls;
  return ChannelFactory(tls ? MakeCredentials(options.tls) : grpc::InsecureChannelCredentials(),
                        options.timing.connect);
}

std::shared_ptr<grpc::Channel> ChannelFactory::Make(const Endpoint& endpoint) const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMostReceivedBytes);
  // A request is sent once; gRPC's own repeating would not tell us.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // etcd is a neighbour, never behind the proxy that the environment may name.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A connection attempt may take this long, too.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(connect_)));
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMostReconnectMs);
  return grpc::CreateCustomChannel("dns:///" + endpoint.address, credentials_, arguments);
}

}  // namespace rollcall::etcd
