// Registration: an instance of this process, kept registered for as long as the object lives.
//
// The client beats for it, repairs it and, after the registry lost it, registers it again by
// itself. If another process registers the same instance id, that one wins: this registration
// becomes kSuperseded and stays quiet. Destruction drains and deregisters.
//
// Thread-safe, movable. May outlive its Client, which then has deregistered it already.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "rollcall/export.h"
#include "rollcall/instance.h"

namespace rollcall {

namespace sdk {
class RegistrationHandle;
}

enum class RegistrationState {
  kRetrying,    // not (or no longer) held by the registry; the client goes on trying
  kRegistered,  // the registry holds it
  kSuperseded,  // another process has registered the same instance; final
  kEnded,       // deregistered; final
};

struct RegistrationStatus {
  RegistrationState state = RegistrationState::kRetrying;
  // Why the last attempt failed; OK if it did not.
  absl::Status last_error = {};
  // Of the last registration that succeeded; 0 before.
  uint64_t lease_epoch = 0;
  uint64_t revision = 0;
};

struct InstanceOptions {
  std::string service = {};
  // Unique within the service and best stable over restarts, such as the host's or pod's name.
  // Empty: a random one, readable from Registration::instance_id().
  std::string id = {};
  std::vector<Endpoint> endpoints = {};
  // Share of calls relative to the other instances, 0 to 10000.
  uint32_t weight = 100;
  // Unset: the client's.
  std::optional<Locality> locality = {};
  std::string version = {};
  std::map<std::string, std::string> metadata = {};
  // How long the registry waits for a silent process before it removes the instance, 1 s to 10 min.
  // Zero: the client's session_ttl. Instances with the same TTL share one session.
  absl::Duration ttl = absl::ZeroDuration();
  // Registered, but not called by anyone until SetReady().
  bool start_unready = false;
  // Register() waits this long for the first success. Zero: it returns at once and the client goes
  // on trying; ClientOptions::servers need not even be reachable.
  absl::Duration wait = absl::Seconds(5);
  // With a positive `wait` that runs out: true gives the registration up and returns the error;
  // false returns it all the same, kRetrying.
  bool must_succeed = true;
  // How long the instance drains between telling callers to leave and deregistering.
  absl::Duration drain_time = absl::Milliseconds(500);
  // Called on the client's thread at every change of state; must not block.
  std::function<void(const RegistrationStatus&)> on_change = {};
};

class ROLLCALL_EXPORT Registration {
 public:
  // Holds nothing; for assigning to later.
  Registration();
  explicit Registration(std::shared_ptr<sdk::RegistrationHandle> handle);
  Registration(Registration&&) noexcept;
  Registration& operator=(Registration&&) noexcept;
  // As Deregister().
  ~Registration();

  const std::string& instance_id() const;
  RegistrationStatus status() const;

  // These take effect at the registry soon after, and again after every re-registration.
  // FAILED_PRECONDITION if the registration is superseded or ended; INVALID_ARGUMENT for a weight
  // above 10000.
  absl::Status SetReady(bool ready = true);
  absl::Status SetWeight(uint32_t weight);
  absl::Status SetMetadata(std::map<std::string, std::string> metadata);

  // Tells callers to leave and returns at once; the instance stays registered. Use it as the first
  // step of a shutdown: Drain(), finish the work in hand, destroy. A client's only instance (of one
  // TTL) becomes DRAINING; one of several sharing a session gets weight 0, since a session can
  // only drain as a whole (see Client::Drain).
  void Drain();

  // Drains if that was not done, waits for what is left of drain_time, and deregisters: bounded by
  // drain_time and the client's rpc_timeout. If the registry cannot be reached the instance goes
  // when its TTL ends, and the error is returned.
  absl::Status Deregister();

 private:
  std::shared_ptr<sdk::RegistrationHandle> handle_;
};

}  // namespace rollcall
