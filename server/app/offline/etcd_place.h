// EtcdPlace: the way to an etcd cluster for a command that waits for each answer: the connection,
// and the thread that it lives on.
//
// Thread-compatible.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"
#include "client-sdk/base/thread_executor.h"
#include "server/app/config/config.h"
#include "server/backup/etcd/etcd_caller.h"
#include "server/store/etcd/grpc/grpc_etcd_api.h"

namespace rollcall::app {

class EtcdPlace {
 public:
  // Reads the files that the options name; connects to nothing yet.
  static absl::StatusOr<std::unique_ptr<EtcdPlace>> Open(const config::Config& config,
                                                         const base::Clock& clock,
                                                         base::Random& random);
  ~EtcdPlace();

  backup::EtcdCaller& caller() { return *caller_; }

 private:
  EtcdPlace() = default;

  base::ThreadExecutor executor_{"rc-offline"};
  std::unique_ptr<etcd::GrpcEtcdApi> api_;
  std::unique_ptr<backup::EtcdCaller> caller_;
};

}  // namespace rollcall::app
