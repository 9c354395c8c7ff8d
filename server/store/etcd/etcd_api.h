// EtcdApi: etcd at the level of its API messages: the edge of the cluster store. Over gRPC in
// store/etcd/grpc; in memory, with the same promises, in store/etcd/testing.
//
// Below it: endpoints and failing over between them, TLS, authentication, connections. Above it:
// everything that has to be right: grouping, guards, unknown outcomes, paging, healing of watches.
//
// Calls are made on one executor, and every callback comes back on it, later than the call that it
// answers. No call blocks. An error says what is known: an answer of etcd's as etcd gave it;
// UNAVAILABLE or DEADLINE_EXCEEDED when nobody knows whether the request was carried out. After
// destruction no callback comes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "etcd/rpc.pb.h"

namespace rollcall::etcd {

namespace pb = etcdserverpb;

// What a watch hears. Called on the executor.
class WatchEvents {
 public:
  virtual ~WatchEvents() = default;
  virtual void OnResponse(pb::WatchResponse response) = 0;
  // The stream is over, whatever the reason; nothing follows. The watch may be destroyed in this
  // call.
  virtual void OnEnd(absl::Status why) = 0;
};

// A watch under way; destroying it ends it, and its events hear no more.
class WatchHandle {
 public:
  virtual ~WatchHandle() = default;
};

class EtcdApi {
 public:
  template <typename Response>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

  virtual ~EtcdApi() = default;

  // `within` bounds how long the answer may take, failing over included. A request that may change
  // something is sent at most once.
  virtual void Range(pb::RangeRequest request, absl::Duration within,
                     Done<pb::RangeResponse> done) = 0;
  virtual void Txn(pb::TxnRequest request, absl::Duration within, Done<pb::TxnResponse> done) = 0;
  virtual void Compact(pb::CompactionRequest request, absl::Duration within,
                       Done<pb::CompactionResponse> done) = 0;
  virtual void LeaseGrant(pb::LeaseGrantRequest request, absl::Duration within,
                          Done<pb::LeaseGrantResponse> done) = 0;
  virtual void LeaseRevoke(pb::LeaseRevokeRequest request, absl::Duration within,
                           Done<pb::LeaseRevokeResponse> done) = 0;
  // One renewal. TTL 0 in the answer: the lease is gone.
  virtual void LeaseKeepAlive(pb::LeaseKeepAliveRequest request, absl::Duration within,
                              Done<pb::LeaseKeepAliveResponse> done) = 0;

  // A stream with one watch on it, which breaks when its member loses the leader.
  virtual std::unique_ptr<WatchHandle> Watch(pb::WatchCreateRequest request,
                                             WatchEvents& events) = 0;

  // Of every member that answers within the time.
  struct MemberStatus {
    std::string endpoint;
    absl::StatusOr<pb::StatusResponse> status;
  };
  virtual void Status(absl::Duration within,
                      absl::AnyInvocable<void(std::vector<MemberStatus>)> done) = 0;
  virtual void Alarm(pb::AlarmRequest request, absl::Duration within,
                     Done<pb::AlarmResponse> done) = 0;
};

}  // namespace rollcall::etcd
