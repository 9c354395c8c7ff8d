// StubCache: one gRPC channel and stub for each address that is called.
//
// Thread-safe. A stub stays usable for who holds it after the cache has let go of it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace shop {

template <typename Service>
class StubCache {
 public:
  using Stub = typename Service::Stub;

  std::shared_ptr<Stub> Get(const std::string& target) {
    const std::lock_guard lock(mu_);
    std::shared_ptr<Stub>& stub = stubs_[target];
    if (stub == nullptr) stub = Service::NewStub(MakeChannel(target));
    return stub;
  }

  // Closes the channels to all other addresses, once nobody uses them any more.
  void KeepOnly(const std::set<std::string>& targets) {
    const std::lock_guard lock(mu_);
    std::erase_if(stubs_, [&](const auto& entry) { return !targets.contains(entry.first); });
  }

 private:
  static std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target) {
    grpc::ChannelArguments arguments;
    // gRPC's default waits up to two minutes before it tries a lost address again; an instance that
    // came back at the same address should be called sooner.
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  }

  std::mutex mu_;
  std::map<std::string, std::shared_ptr<Stub>> stubs_;  // under mu_
};

}  // namespace shop
