// Latch: lets a thread of the user's wait for a status from the core. The blocking shell only.
//
// Thread-safe.
#pragma once

#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/mutex.h"

namespace rollcall::sdk {

class Latch {
 public:
  // The first one counts.
  void Set(absl::Status status) {
    base::MutexLock lock(mu_);
    if (!status_) status_ = std::move(status);
    set_.NotifyAll();
  }
  // Nullopt if nothing was set within `limit`.
  std::optional<absl::Status> WaitFor(const base::Clock& clock, absl::Duration limit) {
    const base::Instant end = clock.Steady() + limit;
    base::MutexLock lock(mu_);
    while (!status_) {
      const absl::Duration left = end - clock.Steady();
      if (left <= absl::ZeroDuration()) break;
      set_.WaitFor(mu_, left);
    }
    return status_;
  }

 private:
  base::Mutex mu_;
  base::CondVar set_;
  std::optional<absl::Status> status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::sdk
