// Callers at a server of rollcall.v1: Rollcall, or its limit.
#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>
#include <vector>

#include "rollcall/v1/discovery.grpc.pb.h"
#include "rollcall/v1/registry.grpc.pb.h"
#include "tests/bench/load/rpc.h"
#include "tests/bench/sides/side.h"
#include "tests/bench/sides/wire.h"

namespace rollcall::bench {

// Sessions of their own, with instances in many services.
class RegisterCaller final : public Caller {
 public:
  RegisterCaller(Loop& loop, const std::string& address, const RegisterShape& shape);
  void Call(uint64_t n, Done done) override;

 private:
  Loop& loop_;
  const Channels channels_;
  std::vector<std::unique_ptr<v1::Registry::Stub>> stubs_;
  // The next request: gRPC encodes it when a call begins.
  v1::RegisterRequest request_;
};

// Sessions that nobody keeps, each with a TTL that lets it end at `end`, in services without brake.
class ExpiringCaller final : public Caller {
 public:
  ExpiringCaller(Loop& loop, const std::string& address, absl::Time end);
  void Call(uint64_t n, Done done) override;

 private:
  Loop& loop_;
  const Channels channels_;
  std::vector<std::unique_ptr<v1::Registry::Stub>> stubs_;
  const absl::Time end_;
};

// Reads one service of so many instances.
class ResolveCaller final : public Caller {
 public:
  ResolveCaller(Loop& loop, const std::string& address, int instances, int connections);
  void Call(uint64_t n, Done done) override;

 private:
  Loop& loop_;
  const Channels channels_;
  // The answer is taken as bytes: what a client does with it is not the servers' work.
  using Stub = grpc::TemplatedGenericStub<v1::ResolveRequest, grpc::ByteBuffer>;
  std::vector<std::unique_ptr<Stub>> stubs_;
  v1::ResolveRequest request_;
};

// Changes the instances of one session in the watched service.
class ChangeCaller final : public Caller {
 public:
  ChangeCaller(Loop& loop, const std::string& address, int instances);
  void Call(uint64_t n, Done done) override;

 private:
  Loop& loop_;
  const Channels channels_;
  std::vector<std::unique_ptr<v1::Registry::Stub>> stubs_;
  const uint64_t instances_;
  v1::RegisterRequest request_;
};

}  // namespace rollcall::bench
