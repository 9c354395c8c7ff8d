#include "client-sdk/src/registrar.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::sdk {
namespace {

std::string KeyOf(const RegistrationHandle& handle) {
  return absl::StrCat(handle.service, "/", handle.id);
}

}  // namespace

Session* Registrar::Find(const std::string& key) {
  for (const auto& session : sessions_) {
    if (session->Has(key)) return session.get();
  }
  return nullptr;
}

Session& Registrar::SessionFor(absl::Duration ttl) {
  for (const auto& session : sessions_) {
    if (session->ttl() == ttl && session->accepts()) return *session;
  }
  const auto at = sessions_.emplace(sessions_.end());
  *at = std::make_unique<Session>(context_, ttl, [this, at] {
    sessions_.erase(at);
    if (sessions_.empty() && stopped_) stopped_();
  });
  return **at;
}

absl::Status Registrar::Add(std::shared_ptr<RegistrationHandle> handle, v1::InstanceSpec spec,
                            absl::Duration ttl) {
  const std::string key = KeyOf(*handle);
  if (stopped_) return absl::FailedPreconditionError("the client is stopping");
  if (Find(key) != nullptr) {
    return absl::AlreadyExistsError(
        absl::StrCat("this client has registered \"", key, "\" already"));
  }
  SessionFor(ttl).Add(key, std::move(handle), std::move(spec));
  return absl::OkStatus();
}

void Registrar::Change(const RegistrationHandle& handle,
                       absl::AnyInvocable<void(v1::InstanceSpec&)> change) {
  const std::string key = KeyOf(handle);
  if (Session* session = Find(key)) session->Change(key, std::move(change));
}

void Registrar::Drain(const RegistrationHandle& handle) {
  const std::string key = KeyOf(handle);
  if (Session* session = Find(key)) session->Drain(key);
}

void Registrar::DrainAll() {
  for (const auto& session : sessions_) session->DrainAll();
}

void Registrar::Remove(const RegistrationHandle& handle, Done done) {
  const std::string key = KeyOf(handle);
  Session* session = Find(key);
  if (session == nullptr) return done(absl::OkStatus());
  session->Remove(key, std::move(done));
}

void Registrar::Spread() {
  for (const auto& session : sessions_) session->Spread();
}

void Registrar::Stop(absl::AnyInvocable<void()> done) {
  if (sessions_.empty()) return done();
  stopped_ = std::move(done);
  DrainAll();
  for (const auto& session : sessions_) session->RemoveAll();
}

}  // namespace rollcall::sdk
