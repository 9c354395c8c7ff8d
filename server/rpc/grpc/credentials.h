// Server credentials: none, TLS, or mutual TLS from PEM files that are read again when they change.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "server/rpc/grpc/certificates.h"

namespace rollcall::rpc {

// As Certificates::Read; `on_change` may be called on gRPC's threads.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const TlsFiles& files, Certificates::OnChange on_change);

}  // namespace rollcall::rpc
