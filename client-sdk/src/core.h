// Core: the SDK without threads, gRPC or blocking: registrations, views and reads on an executor.
//
// The production Client runs it on a thread; tests and the simulator run the same core with a
// Transport of their own under virtual time. It is made, used and destroyed on its executor, and
// announces itself in the Gate through which handles reach it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client-sdk/src/core_context.h"
#include "client-sdk/src/gate.h"
#include "client-sdk/src/registrar.h"
#include "client-sdk/src/resolver.h"
#include "client-sdk/src/view_cache.h"
#include "client-sdk/src/watcher.h"
#include "rollcall/client.h"

namespace rollcall::sdk {

class Core {
 public:
  // `options` are valid (options.h) and complete (client_name). The edges must outlive the core;
  // `cache` may be null.
  Core(const ClientOptions& options, std::shared_ptr<Gate> gate, base::Random& random,
       Transport& transport, std::unique_ptr<CacheStore> cache);
  ~Core();

  // Begins to register; the handle tells how it goes. INVALID_ARGUMENT, ALREADY_EXISTS.
  absl::StatusOr<std::shared_ptr<RegistrationHandle>> Register(InstanceOptions options);
  std::shared_ptr<SubscriptionCell> Watch(const std::string& service, WatchOptions options);
  void Resolve(const std::string& service, const ResolveOptions& options, Resolver::Done done) {
    resolver_.Resolve(service, options, std::move(done));
  }
  // Drains and deregisters everything, ends the watches and writes the cache.
  void Stop(absl::AnyInvocable<void()> done);

  Registrar& registrar() { return registrar_; }
  Watcher& watcher() { return watcher_; }

 private:
  const ClientOptions options_;
  const std::shared_ptr<Gate> gate_;
  CoreContext context_;
  ViewCache cache_;
  Registrar registrar_;
  Watcher watcher_;
  Resolver resolver_;
};

}  // namespace rollcall::sdk
