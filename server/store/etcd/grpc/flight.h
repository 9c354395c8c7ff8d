// Flight: one gRPC call under way at one member, until gRPC has given its outcome.
//
// Whoever gives it up (a member that shows no sign of life, the end of a watch) says why; that is
// then the result, not gRPC's "cancelled".
// Lives on the completion thread; derived classes add what is sent and received.
#pragma once

#include <grpcpp/client_context.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "server/store/etcd/grpc/grpc_words.h"

namespace rollcall::etcd {

class Flight {
 public:
  virtual ~Flight() = default;

  grpc::ClientContext context;
  // gRPC's, once it is finished.
  grpc::Status status;

  void GiveUp(absl::Status why) {
    if (!given_up_) given_up_ = std::move(why);
    context.TryCancel();
    OnGivenUp();
  }
  absl::Status Result() const {
    if (!status.ok() && given_up_) return *given_up_;
    return FromGrpc(status);
  }

 private:
  virtual void OnGivenUp() {}

  std::optional<absl::Status> given_up_;
};

}  // namespace rollcall::etcd
