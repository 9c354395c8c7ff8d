#include "rollcall/registration.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/core.h"
#include "client-sdk/src/registration_handle.h"

namespace rollcall {
namespace {

constexpr uint32_t kMostWeight = 10000;

absl::Status Unusable(const std::shared_ptr<sdk::RegistrationHandle>& handle) {
  if (handle == nullptr) return absl::FailedPreconditionError("the registration is empty");
  if (!handle->final()) return absl::OkStatus();
  const bool superseded = handle->status().state == RegistrationState::kSuperseded;
  return absl::FailedPreconditionError(
      absl::StrCat("instance \"", handle->id, "\" of \"", handle->service, "\" ",
                   superseded ? "was taken over by another process" : "is no longer registered"));
}

absl::Status Change(const std::shared_ptr<sdk::RegistrationHandle>& handle,
                    absl::AnyInvocable<void(v1::InstanceSpec&)> change) {
  if (absl::Status status = Unusable(handle); !status.ok()) return status;
  const bool posted =
      handle->gate->Post([handle, change = std::move(change)](sdk::Core& core) mutable {
        core.registrar().Change(*handle, std::move(change));
      });
  return posted ? absl::OkStatus() : absl::FailedPreconditionError("the client is gone");
}

}  // namespace

Registration::Registration() = default;
Registration::Registration(std::shared_ptr<sdk::RegistrationHandle> handle)
    : handle_(std::move(handle)) {}
Registration::Registration(Registration&&) noexcept = default;
Registration& Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    (void)Deregister();
    handle_ = std::move(other.handle_);
  }
  return *this;
}
Registration::~Registration() { (void)Deregister(); }

const std::string& Registration::instance_id() const {
  static const std::string* const kNone = new std::string();
  return handle_ == nullptr ? *kNone : handle_->id;
}

RegistrationStatus Registration::status() const {
  if (handle_ == nullptr) return {.state = RegistrationState::kEnded};
  return handle_->status();
}

absl::Status Registration::SetReady(bool ready) {
  return Change(handle_, [ready](v1::InstanceSpec& spec) { spec.set_start_unready(!ready); });
}

absl::Status Registration::SetWeight(uint32_t weight) {
  if (weight > kMostWeight) {
    return absl::InvalidArgumentError(absl::StrCat("weight ", weight, " is above ", kMostWeight));
  }
  return Change(handle_, [weight](v1::InstanceSpec& spec) { spec.set_weight(weight); });
}

absl::Status Registration::SetMetadata(std::map<std::string, std::string> metadata) {
  return Change(handle_, [metadata = std::move(metadata)](v1::InstanceSpec& spec) {
    spec.mutable_metadata()->clear();
    spec.mutable_metadata()->insert(metadata.begin(), metadata.end());
  });
}

void Registration::Drain() {
  if (!Unusable(handle_).ok()) return;
  handle_->gate->Post([handle = handle_](sdk::Core& core) { core.registrar().Drain(*handle); });
}

absl::Status Registration::Deregister() {
  if (handle_ == nullptr) return absl::OkStatus();
  const std::shared_ptr<sdk::RegistrationHandle> handle = std::move(handle_);
  handle_ = nullptr;
  auto latch = std::make_shared<sdk::Latch>();
  const bool posted = handle->gate->Post([handle, latch](sdk::Core& core) {
    core.registrar().Remove(*handle, [latch](absl::Status status) { latch->Set(status); });
  });
  // Without a core it has been deregistered; on the core's own thread it will be, soon.
  if (!posted || handle->gate->OnCoreThread()) return absl::OkStatus();
  // The core bounds its work by drain time and request timeout; this is only its safety belt.
  const absl::Duration limit = handle->drain_time + 2 * handle->rpc_timeout + absl::Seconds(1);
  return latch->WaitFor(handle->gate->clock(), limit)
      .value_or(absl::DeadlineExceededError("the registry did not answer"));
}

}  // namespace rollcall
