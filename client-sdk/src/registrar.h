// Registrar: all registrations of a client: sorts them into sessions, one for each TTL.
//
// Belongs to the core's executor.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "client-sdk/src/core_context.h"
#include "client-sdk/src/registration_handle.h"
#include "client-sdk/src/session.h"

namespace rollcall::sdk {

class Registrar {
 public:
  using Done = Session::Done;
  explicit Registrar(CoreContext& context) : context_(context) {}

  // ALREADY_EXISTS if this client has registered that instance already.
  absl::Status Add(std::shared_ptr<RegistrationHandle> handle, v1::InstanceSpec spec,
                   absl::Duration ttl);
  void Change(const RegistrationHandle& handle, absl::AnyInvocable<void(v1::InstanceSpec&)> change);
  void Drain(const RegistrationHandle& handle);
  void DrainAll();
  // Drains and deregisters; OK also if it is not there any more.
  void Remove(const RegistrationHandle& handle, Done done);
  // Another server is preferred: the sessions move there without haste.
  void Spread();
  // Drains and deregisters everything; nothing may be added afterwards.
  void Stop(absl::AnyInvocable<void()> done);

 private:
  Session& SessionFor(absl::Duration ttl);
  // Null if it is not there.
  Session* Find(const std::string& key);

  CoreContext& context_;
  std::list<std::unique_ptr<Session>> sessions_;
  absl::AnyInvocable<void()> stopped_;
};

}  // namespace rollcall::sdk
