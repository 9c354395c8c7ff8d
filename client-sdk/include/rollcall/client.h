// Client: one process's connection to a Rollcall registry, for registering and for discovering.
//
// Make one per process and share it: it has one thread of its own (with a cache_directory another
// that writes there) and uses one connection, however many registrations, views and callers it
// serves. It never throws. It works, from its last good
// views, for as long as the registry is away; it moves between servers by itself.
//
// Thread-safe. Blocking calls must not be made from its callbacks (they return
// FAILED_PRECONDITION). Fork: do not use a Client in a child process made by fork() without exec();
// calls there return FAILED_PRECONDITION, and destroying it there does nothing at all, so that a
// child never deregisters its parent. Fork before Create(), or exec.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rollcall/call.h"
#include "rollcall/discovery.h"
#include "rollcall/export.h"
#include "rollcall/instance.h"
#include "rollcall/picker.h"
#include "rollcall/registration.h"

namespace rollcall {

// PEM files; they are read again when they change.
struct TlsOptions {
  std::string ca_file = {};
  // Both, for mutual TLS, or neither.
  std::string cert_file = {};
  std::string key_file = {};
  // The name that the server's certificate must have; empty: the host part of its address.
  std::string server_name = {};
};

enum class LogLevel { kInfo, kWarning, kError };
// Called on any thread; must not block.
using LogSink = std::function<void(LogLevel level, const std::string& message)>;

struct ClientOptions {
  // "host:port" each, tried in random order. More are learned from the registry.
  std::vector<std::string> servers = {"127.0.0.1:7400"};
  std::string name_space = "default";
  // For the registry's logs and history, and for the cache's file name. Empty:
  // "<program>@<host>". Give processes of one program on one host different names if they watch
  // different services.
  std::string client_name = {};
  // Where this process runs: default of its registrations.
  Locality locality = {};
  // Where views are kept over restarts; made if it is missing. Empty: only in memory.
  std::string cache_directory = {};
  // Unset: no encryption.
  std::optional<TlsOptions> tls = {};
  // Default TTL of registrations.
  absl::Duration session_ttl = absl::Seconds(10);
  // Bound of one request to the registry.
  absl::Duration rpc_timeout = absl::Seconds(3);
  // Unset: warnings and errors to stderr.
  LogSink log = {};
};

struct ResolveOptions {
  std::string selector = {};
  // The newest state the registry has agreed on, instead of what the asked server knows.
  bool latest = false;
  // Only PASSING instances, even when there is none.
  bool strict = false;
  // If no server answers, give the last good view (verified() is false), if there is one.
  bool allow_stale = true;
  // For all servers that are tried together.
  absl::Duration timeout = absl::Seconds(5);
};

class ROLLCALL_EXPORT Client {
 public:
  // Does not wait for the registry. INVALID_ARGUMENT names the option that is wrong.
  static absl::StatusOr<std::unique_ptr<Client>> Create(ClientOptions options);
  // Drains and deregisters what is still registered, bounded in time; see Registration::Deregister.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Registers an instance; see InstanceOptions::wait for how long this blocks. INVALID_ARGUMENT
  // names the option that is wrong; ALREADY_EXISTS if this client has that instance registered (or
  // still draining); UNAVAILABLE if it did not succeed in time; the registry's own refusals.
  absl::StatusOr<Registration> Register(InstanceOptions options);

  // Follows a service. Returns at once, with the view from disk if there is one; see
  // Subscription::WaitForServing.
  absl::StatusOr<Subscription> Watch(std::string service, WatchOptions options = {});

  // Asks the registry once; blocks. The view holds only instances to be called. It is at least as
  // new as what this client has written.
  absl::StatusOr<ViewPtr> Resolve(const std::string& service, ResolveOptions options = {});

  // For making calls to a service.
  absl::StatusOr<Caller> MakeCaller(std::string service, CallerOptions options = {});

  // First step of stopping the process: tells callers of all registrations to leave (they become
  // DRAINING) and returns at once.
  void Drain();

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace rollcall
