// RegistrationHandle: what a Registration and the core share: identity, status, callback.
//
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "client-sdk/base/mutex.h"
#include "client-sdk/src/gate.h"
#include "client-sdk/src/latch.h"
#include "rollcall/registration.h"

namespace rollcall::sdk {

class RegistrationHandle {
 public:
  using OnChange = std::function<void(const RegistrationStatus&)>;
  RegistrationHandle(std::shared_ptr<Gate> gate, std::string service, std::string id,
                     absl::Duration drain_time, absl::Duration rpc_timeout, OnChange on_change)
      : gate(std::move(gate)),
        service(std::move(service)),
        id(std::move(id)),
        drain_time(drain_time),
        rpc_timeout(rpc_timeout),
        on_change_(std::move(on_change)) {}

  RegistrationStatus status() const {
    base::MutexLock lock(mu_);
    return status_;
  }
  // On the core's executor. A final state stays.
  void Update(RegistrationStatus status);
  bool final() const {
    const RegistrationState state = this->status().state;
    return state == RegistrationState::kSuperseded || state == RegistrationState::kEnded;
  }

  const std::shared_ptr<Gate> gate;
  const std::string service;
  const std::string id;
  const absl::Duration drain_time;
  const absl::Duration rpc_timeout;
  // Set when the first attempt has a definite outcome: registered, refused, or superseded.
  Latch first_outcome;

 private:
  const OnChange on_change_;
  mutable base::Mutex mu_;
  RegistrationStatus status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::sdk
