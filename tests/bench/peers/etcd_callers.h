// Callers at etcd.
#pragma once

#include <memory>
#include <string>

#include "tests/bench/peers/etcd_client.h"

namespace rollcall::bench {

// Leases of their own, with keys under them.
class EtcdRegisterCaller final : public Caller {
 public:
  EtcdRegisterCaller(Loop& loop, const std::string& address, const RegisterShape& shape);
  void Call(uint64_t n, Done done) override;

 private:
  const std::shared_ptr<EtcdClient> client_;
  const RegisterShape shape_;
};

// Leases that nobody keeps. Their TTLs are whole seconds: they end in the second before `end`.
class EtcdExpiringCaller final : public Caller {
 public:
  EtcdExpiringCaller(Loop& loop, const std::string& address, absl::Time end);
  void Call(uint64_t n, Done done) override;

 private:
  const std::shared_ptr<EtcdClient> client_;
  const absl::Time end_;
};

// Reads the range of one service, with etcd's default consistency.
class EtcdResolveCaller final : public Caller {
 public:
  EtcdResolveCaller(Loop& loop, const std::string& address, int instances, int connections);
  void Call(uint64_t n, Done done) override { client_->Range(n, request_, std::move(done)); }

 private:
  const std::shared_ptr<EtcdClient> client_;
  etcdserverpb::RangeRequest request_;
};

// Puts other values under the keys of the watched service.
class EtcdChangeCaller final : public Caller {
 public:
  EtcdChangeCaller(Loop& loop, const std::string& address, int instances);
  void Call(uint64_t n, Done done) override;

 private:
  const std::shared_ptr<EtcdClient> client_;
  const uint64_t instances_;
  etcdserverpb::PutRequest request_;
};

}  // namespace rollcall::bench
