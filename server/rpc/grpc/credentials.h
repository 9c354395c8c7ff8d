// Server credentials: none, TLS, or mutual TLS from PEM files that are read again when they change.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace rollcall::rpc {

struct TlsFiles {
  std::string cert;
  std::string key;
  // Of those who sign clients' certificates; needed with client_auth.
  std::string ca;
  // Clients without a certificate are refused.
  bool client_auth = false;

  bool enabled() const { return !cert.empty(); }
};

// INVALID_ARGUMENT naming the file that is missing, cannot be read, or does not fit the other.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const TlsFiles& files);

}  // namespace rollcall::rpc
