// GrpcTransport: the Transport over gRPC's callback API; the SDK's only gRPC code besides this
// file.
//
// gRPC's hidden threads parse messages and post them to the executor; nothing else happens there.
// While it exists it wakes those threads three times a second with a call on a channel to nowhere:
// left alone for a second, gRPC 1.51 sleeps 100 ms at a time and answers late.
//
// Made, used and destroyed on the executor, but for WaitUntilIdle.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/src/transport.h"
#include "rollcall/client.h"

namespace rollcall::sdk {

class GrpcTransport final : public Transport {
 public:
  GrpcTransport(std::shared_ptr<const base::Clock> clock, std::shared_ptr<base::Executor> executor,
                const std::optional<TlsOptions>& tls);
  ~GrpcTransport() override;

  void Register(const std::string& server, v1::RegisterRequest request, absl::Duration timeout,
                Done<v1::RegisterResponse> done) override;
  void Deregister(const std::string& server, v1::DeregisterRequest request, absl::Duration timeout,
                  Done<v1::DeregisterResponse> done) override;
  void Resolve(const std::string& server, v1::ResolveRequest request, absl::Duration timeout,
               Done<v1::ResolveResponse> done) override;
  void GetInstance(const std::string& server, v1::GetInstanceRequest request,
                   absl::Duration timeout, Done<v1::GetInstanceResponse> done) override;
  std::unique_ptr<KeepAliveStream> KeepAlive(const std::string& server,
                                             StreamEvents<v1::KeepAliveResponse> events) override;
  std::unique_ptr<WatchStream> Watch(const std::string& server,
                                     StreamEvents<v1::WatchResponse> events) override;

  // Waits until no call is in gRPC's hands any more, at most `limit`. On any thread but the
  // executor's, when all streams are destroyed.
  void WaitUntilIdle(absl::Duration limit);

  // Definitions are gRPC's affair.
  struct Server;
  class Calls;

 private:
  Server& ServerAt(const std::string& server);
  void Tick();

  const std::shared_ptr<const base::Clock> clock_;
  const std::shared_ptr<base::Executor> executor_;
  const std::optional<TlsOptions> tls_;
  const std::shared_ptr<Calls> calls_;
  base::Lifeline lifeline_;
  std::map<std::string, std::unique_ptr<Server>> servers_;
};

}  // namespace rollcall::sdk
