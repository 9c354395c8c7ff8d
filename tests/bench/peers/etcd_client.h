// EtcdClient: etcd's own gRPC API on the Loop. Callbacks hold it, so that it outlives its calls.
#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>
#include <vector>

#include "etcd/rpc.grpc.pb.h"
#include "tests/bench/load/rpc.h"
#include "tests/bench/sides/side.h"

namespace rollcall::bench {

class EtcdClient : public std::enable_shared_from_this<EtcdClient> {
 public:
  static std::shared_ptr<EtcdClient> Connect(Loop& loop, const std::string& address,
                                             int connections);

  // `lease` is 0 if there is an error.
  using Granted = absl::AnyInvocable<void(absl::string_view error, int64_t lease)>;

  // Calls with the same `n` go over the same connection.
  void Put(uint64_t n, const etcdserverpb::PutRequest& request, Done done);
  // The answer is taken as bytes: what a client does with it is not the server's work.
  void Range(uint64_t n, const etcdserverpb::RangeRequest& request, Done done);
  // What a service does that registers in etcd: a lease of its own, then its instances under it:
  // one by a Put, several by one Txn.
  void Register(uint64_t n, absl::Duration ttl, std::vector<std::string> paths, size_t bytes,
                Granted done);
  // The same, and waits for it; throws if it is refused. Any number of instances.
  int64_t RegisterNow(absl::Duration ttl, const std::vector<std::string>& paths);

  const Channels& channels() const { return channels_; }

 private:
  struct Connection {
    std::unique_ptr<etcdserverpb::Lease::Stub> lease;
    std::unique_ptr<etcdserverpb::KV::Stub> kv;
    // The generated KV has what Rollcall's store uses, and that does not include Put.
    std::unique_ptr<grpc::TemplatedGenericStub<etcdserverpb::PutRequest, etcdserverpb::PutResponse>>
        put;
    std::unique_ptr<grpc::TemplatedGenericStub<etcdserverpb::RangeRequest, grpc::ByteBuffer>> range;
  };

  EtcdClient(Loop& loop, const std::string& address, int connections);
  void Grant(uint64_t n, absl::Duration ttl, Granted granted);
  void Write(uint64_t n, int64_t lease, const std::vector<std::string>& paths, size_t bytes,
             Done done);
  Connection& ConnectionOf(uint64_t n) { return connections_[n % connections_.size()]; }

  Loop& loop_;
  const Channels channels_;
  std::vector<Connection> connections_;
};

// The end of the range of all keys with this prefix.
std::string EndOf(std::string prefix);

}  // namespace rollcall::bench
