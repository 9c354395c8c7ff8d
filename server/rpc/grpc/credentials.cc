#include "server/rpc/grpc/credentials.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <string>
#include <utility>

#include "client-sdk/base/status_macros.h"

namespace rollcall::rpc {
namespace {

// gRPC 1.51's own watcher of files aborts the process over one that is empty, and shows a pair that
// does not fit to everybody who connects. So gRPC asks here, for each connection.
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingCredentials(std::unique_ptr<Certificates> certificates, bool client_auth)
      : certificates_(std::move(certificates)) {
    grpc_ssl_server_credentials_options* options =
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            client_auth ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                        : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
            &Fetch, certificates_.get());
    credentials_ = grpc_ssl_server_credentials_create_with_options(options);
  }
  ~ReloadingCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* certificates, grpc_ssl_server_certificate_config** config) {
    const std::optional<TlsTexts> texts = static_cast<Certificates*>(certificates)->Take();
    if (!texts) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const grpc_ssl_pem_key_cert_pair pair{texts->key.c_str(), texts->cert.c_str()};
    // gRPC 1.51 aborts without roots; where no client is asked for a certificate they trust nobody.
    const std::string& roots = texts->ca.empty() ? texts->cert : texts->ca;
    *config = grpc_ssl_server_certificate_config_create(roots.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const std::unique_ptr<Certificates> certificates_;
  grpc_server_credentials* credentials_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const TlsFiles& files, Certificates::OnChange on_change) {
  if (!files.enabled()) return grpc::InsecureServerCredentials();
  ASSIGN_OR_RETURN(auto certificates, Certificates::Read(files, std::move(on_change)));
  return std::make_shared<ReloadingCredentials>(std::move(certificates), files.client_auth);
}

}  // namespace rollcall::rpc
