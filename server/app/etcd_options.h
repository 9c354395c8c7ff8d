// How the options that an operator gives reach etcd's client.
#pragma once

#include "absl/status/statusor.h"
#include "server/app/config/config.h"
#include "server/store/etcd/grpc/grpc_etcd_options.h"

namespace rollcall::app {

// Reads the password's file.
absl::StatusOr<etcd::GrpcEtcdOptions> EtcdOptionsOf(const config::Config& config);

}  // namespace rollcall::app
