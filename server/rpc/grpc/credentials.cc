#include "server/rpc/grpc/credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::rpc {
namespace {

constexpr unsigned kRefreshSeconds = 1;

absl::Status CheckReadable(const std::string& path, absl::string_view option) {
  if (std::ifstream(path).good()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", option, ": cannot read \"", path, "\"; give a PEM file"));
}

absl::Status CheckPair(const TlsFiles& files) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()),
                                                                  SSL_CTX_free);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.cert.c_str()) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tls-cert: \"", files.cert, "\" holds no PEM certificate"));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("--tls-key: \"", files.key,
                                                   "\" holds no PEM key for the certificate in \"",
                                                   files.cert, "\""));
  }
  if (!files.ca.empty() &&
      SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr) != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--tls-ca: \"", files.ca, "\" holds no PEM certificates"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const TlsFiles& files) {
  if (!files.enabled()) return grpc::InsecureServerCredentials();
  RETURN_IF_ERROR(CheckReadable(files.cert, "tls-cert"));
  RETURN_IF_ERROR(CheckReadable(files.key, "tls-key"));
  if (!files.ca.empty()) RETURN_IF_ERROR(CheckReadable(files.ca, "tls-ca"));
  const absl::Status pair = CheckPair(files);
  ERR_clear_error();
  RETURN_IF_ERROR(pair);

  namespace tls = grpc::experimental;
  const auto provider = std::make_shared<tls::FileWatcherCertificateProvider>(
      files.key, files.cert, files.ca, kRefreshSeconds);
  tls::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  if (!files.ca.empty()) options.watch_root_certs();
  options.set_cert_request_type(files.client_auth
                                    ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                    : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  return tls::TlsServerCredentials(options);
}

}  // namespace rollcall::rpc
