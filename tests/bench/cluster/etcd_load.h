// What services do that register in etcd themselves: a lease of their own, and a key under it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "etcd/rpc.grpc.pb.h"
#include "tests/bench/cluster/load.h"

namespace rollcall::bench {

class EtcdLoad {
 public:
  // host:port of the members; registrations are spread over all.
  EtcdLoad(const std::vector<std::string>& members, size_t value_bytes);
  void Register(uint64_t n, grpc::CompletionQueue& queue, Done done);

 private:
  struct Member {
    std::unique_ptr<etcdserverpb::Lease::Stub> lease;
    std::unique_ptr<etcdserverpb::KV::Stub> kv;
  };
  std::vector<Member> members_;
  // The next requests: gRPC encodes them when a call begins.
  etcdserverpb::LeaseGrantRequest grant_;
  etcdserverpb::TxnRequest txn_;
};

}  // namespace rollcall::bench
