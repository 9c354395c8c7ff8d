// GrpcEtcdApi: EtcdApi over gRPC, on a completion queue and a thread of its own ("rc-etcd").
//
// Keeps a connection to every endpoint and stays with one member while it answers. A member that
// hangs (its process stopped, the way to it cut) is given up in 2 to 3 s. What may change something
// is sent at most once; what never found a connection was not carried out, though the status does
// not tell.
//
// Called on the executor that is handed in; destroyed there or after it has stopped. The destructor
// ends what is under way, without an answer, and joins the thread.
#pragma once

#include <memory>
#include <vector>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/grpc/grpc_etcd_options.h"

namespace rollcall::etcd {

struct Wiring;

class GrpcEtcdApi final : public EtcdApi {
 public:
  // INVALID_ARGUMENT naming the option that cannot be; nothing is connected yet. `clock` and
  // `executor` must outlive it; `random` is asked here only.
  static absl::StatusOr<std::unique_ptr<GrpcEtcdApi>> Create(GrpcEtcdOptions options,
                                                             base::Executor& executor,
                                                             const base::Clock& clock,
                                                             base::Random& random);
  ~GrpcEtcdApi() override;

  void Range(pb::RangeRequest request, absl::Duration within,
             Done<pb::RangeResponse> done) override;
  void Txn(pb::TxnRequest request, absl::Duration within, Done<pb::TxnResponse> done) override;
  void Compact(pb::CompactionRequest request, absl::Duration within,
               Done<pb::CompactionResponse> done) override;
  void LeaseGrant(pb::LeaseGrantRequest request, absl::Duration within,
                  Done<pb::LeaseGrantResponse> done) override;
  void LeaseRevoke(pb::LeaseRevokeRequest request, absl::Duration within,
                   Done<pb::LeaseRevokeResponse> done) override;
  void LeaseKeepAlive(pb::LeaseKeepAliveRequest request, absl::Duration within,
                      Done<pb::LeaseKeepAliveResponse> done) override;
  std::unique_ptr<WatchHandle> Watch(pb::WatchCreateRequest request, WatchEvents& events) override;
  void Status(absl::Duration within,
              absl::AnyInvocable<void(std::vector<MemberStatus>)> done) override;
  void Alarm(pb::AlarmRequest request, absl::Duration within,
             Done<pb::AlarmResponse> done) override;

 private:
  explicit GrpcEtcdApi(std::shared_ptr<Wiring> wiring);

  const std::shared_ptr<Wiring> wiring_;
};

}  // namespace rollcall::etcd
