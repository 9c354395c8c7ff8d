// EtcdCaller: calls to etcd for a program that has nothing else to do: each waits for its answer,
// and is made again while nobody knows what became of it.
//
// So a Txn may be carried out twice, and has to be made such that the second time does no harm.
// Thread-compatible; not for the executor's own thread, unless `turn` runs its tasks.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/etcd_api.h"

namespace rollcall::backup {

class EtcdCaller {
 public:
  struct Edges {
    etcd::EtcdApi& api;
    // The api's; has stopped, or runs no task any more, when this is destroyed.
    base::Executor& executor;
    const base::Clock& clock;
    base::Random& random;
    // Called over and over instead of waiting, if it is set.
    std::function<void()> turn;
  };
  // How long a call is tried; then it fails with UNAVAILABLE.
  explicit EtcdCaller(Edges edges, absl::Duration patience = absl::Seconds(30))
      : edges_(std::move(edges)), patience_(patience) {}

  // Of the errors that remain, those of etcd are put as etcd::RefusalOf puts them, but for requests
  // beyond etcd's limits: INVALID_ARGUMENT.
  absl::StatusOr<etcd::pb::RangeResponse> Range(const etcd::pb::RangeRequest& request);
  absl::StatusOr<etcd::pb::TxnResponse> Txn(const etcd::pb::TxnRequest& request);

 private:
  template <typename Response>
  using Start = std::function<void(etcd::EtcdApi::Done<Response>)>;
  template <typename Response>
  absl::StatusOr<Response> Call(const Start<Response>& start);
  template <typename Response>
  absl::StatusOr<Response> CallOnce(const Start<Response>& start);
  void Pause(absl::Duration span);

  const Edges edges_;
  const absl::Duration patience_;
};

}  // namespace rollcall::backup
