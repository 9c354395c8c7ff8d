// Registrations as the SDK makes them: each a session of its own with one instance, in one call.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rollcall/v1/registry.grpc.pb.h"
#include "tests/bench/cluster/load.h"

namespace rollcall::bench {

class RollcallLoad {
 public:
  // Over `connections` to one node. `run` makes names that no other run uses.
  RollcallLoad(const std::string& address, int connections, size_t instance_bytes, std::string run);
  void Register(uint64_t n, grpc::CompletionQueue& queue, Done done);

 private:
  std::vector<std::unique_ptr<v1::Registry::Stub>> stubs_;
  // The next request: gRPC encodes it when a call begins.
  v1::RegisterRequest request_;
  v1::InstanceSpec& spec_;
  const std::string run_;
  const uint32_t run_hash_;
};

}  // namespace rollcall::bench
