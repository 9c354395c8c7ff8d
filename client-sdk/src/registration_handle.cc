#include "client-sdk/src/registration_handle.h"

namespace rollcall::sdk {

void RegistrationHandle::Update(RegistrationStatus status) {
  bool changed;
  {
    base::MutexLock lock(mu_);
    if (status_.state == RegistrationState::kEnded) return;
    if (status_.state == RegistrationState::kSuperseded &&
        status.state != RegistrationState::kEnded) {
      return;
    }
    changed = status_.state != status.state || status_.last_error != status.last_error;
    status_ = status;
  }
  if (changed && on_change_) on_change_(status);
}

}  // namespace rollcall::sdk
