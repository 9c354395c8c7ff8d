#include "cli/client/registry.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client-sdk/base/status_macros.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace rollcall::cli {
namespace {

// With several servers, how long one may keep us from the next.
constexpr absl::Duration kPatience = absl::Seconds(2);
constexpr int kKeepAliveMs = 10'000;
constexpr int kKeepAliveTimeoutMs = 5'000;

absl::StatusOr<std::string> ReadPem(const std::string& flag, const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file || text.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(flag, ": cannot read ", path));
  }
  return text;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> CredentialsOf(const TlsFiles& tls) {
  if (!tls.any()) return grpc::InsecureChannelCredentials();
  if (tls.cert.empty() != tls.key.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key belong together; give both");
  }
  grpc::SslCredentialsOptions options;
  ASSIGN_OR_RETURN(options.pem_root_certs, ReadPem("--tls-ca", tls.ca));
  ASSIGN_OR_RETURN(options.pem_cert_chain, ReadPem("--tls-cert", tls.cert));
  ASSIGN_OR_RETURN(options.pem_private_key, ReadPem("--tls-key", tls.key));
  return grpc::SslCredentials(options);
}

grpc::ChannelArguments ArgumentsOf(const TlsFiles& tls) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepAliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepAliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A registry is not behind the proxy for web pages.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A new channel is a new connection: no back-off inherited, TLS files read anew.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (!tls.server_name.empty()) arguments.SetSslTargetNameOverride(tls.server_name);
  return arguments;
}

// Whether something that speaks HTTP, but not gRPC, answered: a proxy, a web server.
bool IsNoRegistry(const grpc::Status& status) {
  const std::string said = absl::AsciiStrToLower(status.error_message());
  return absl::StrContains(said, "received http2 header with status") ||
         (status.error_code() == grpc::StatusCode::UNIMPLEMENTED &&
          absl::StrContains(said, "http") && absl::StrContains(said, "status"));
}

}  // namespace

absl::Status FromGrpc(const grpc::Status& status) {
  if (IsNoRegistry(status)) {
    return absl::UnavailableError(
        absl::StrCat("what answers there is no registry (", status.error_message(),
                     "); name the registry's gRPC address with --server or ROLLCALL_SERVER"));
  }
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Registry::Dial(const std::string& server,
                                                              absl::Duration limit) const {
  ASSIGN_OR_RETURN(auto credentials, CredentialsOf(options_.tls));
  auto channel = grpc::CreateCustomChannel(server, credentials, ArgumentsOf(options_.tls));
  const auto deadline = absl::ToChronoTime(clock_.Wall() + limit);
  grpc_connectivity_state state = channel->GetState(true);
  while (state != GRPC_CHANNEL_READY) {
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN ||
        !channel->WaitForStateChange(state, deadline)) {
      return NobodyAnswers();
    }
    state = channel->GetState(true);
  }
  return channel;
}

size_t Registry::Tries() const {
  return std::min(servers_.size(), std::max(options_.servers.size(), kMostTries));
}

void Registry::Learn(std::vector<std::string> servers, base::Random& random) {
  std::sort(servers.begin(), servers.end());
  servers.erase(std::unique(servers.begin(), servers.end()), servers.end());
  if (servers.empty() || servers == learned_) return;
  learned_ = servers;
  std::erase_if(servers, [&](const std::string& server) {
    return std::find(options_.servers.begin(), options_.servers.end(), server) !=
           options_.servers.end();
  });
  // Many processes that learn the same do not all go to the same one.
  for (size_t i = servers.size(); i > 1; --i) std::swap(servers[i - 1], servers[random.Below(i)]);
  const std::string used = server();
  servers_ = options_.servers;
  servers_.insert(servers_.end(), servers.begin(), servers.end());
  const auto at = std::find(servers_.begin(), servers_.end(), used);
  // One that is not named any more serves until it ends the connection; then all are tried.
  current_ = at != servers_.end() ? at - servers_.begin() : servers_.size() - 1;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Registry::Connect() {
  if (channel_ != nullptr) return channel_;
  const size_t n = servers_.size();
  const absl::Duration limit = n == 1 ? options_.timeout : std::min(options_.timeout, kPatience);
  for (size_t attempt = 0; attempt < Tries(); ++attempt) {
    auto channel = Dial(server(), limit);
    if (channel.ok()) return channel_ = *std::move(channel);
    if (channel.status().code() != absl::StatusCode::kUnavailable) return channel.status();
    current_ = (current_ + 1) % n;
  }
  return NobodyAnswers();
}

void Registry::MoveOn() {
  if (channel_ == nullptr) return;  // Connect has moved on already.
  channel_ = nullptr;
  current_ = (current_ + 1) % servers_.size();
}

absl::Status Registry::NobodyAnswers() const {
  return absl::UnavailableError(
      absl::StrCat("no registry answers at ", absl::StrJoin(options_.servers, ", "),
                   "; start rollcalld there, or name another with --server or ROLLCALL_SERVER",
                   options_.tls.any() ? ", or check the --tls-… files and names"
                                      : " (a registry with TLS needs --tls-ca)"));
}

}  // namespace rollcall::cli
