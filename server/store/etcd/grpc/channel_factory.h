// ChannelFactory: connections to etcd endpoints, as the options say.
//
// Each channel is a connection of its own: dropping the last reference closes it.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "server/store/etcd/grpc/grpc_etcd_options.h"

namespace rollcall::etcd {

class ChannelFactory {
 public:
  // INVALID_ARGUMENT naming the file that is missing or cannot be read.
  static absl::StatusOr<ChannelFactory> Create(const GrpcEtcdOptions& options);

  std::shared_ptr<grpc::Channel> Make(const Endpoint& endpoint) const;

 private:
  ChannelFactory(std::shared_ptr<grpc::ChannelCredentials> credentials, absl::Duration connect)
      : credentials_(std::move(credentials)), connect_(connect) {}

  std::shared_ptr<grpc::ChannelCredentials> credentials_;
  absl::Duration connect_;
};

}  // namespace rollcall::etcd
