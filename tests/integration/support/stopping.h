// Stopping: how a thread that works until it is told to stop is told so, also in a pause.
//
// Thread-safe.
#pragma once

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "client-sdk/base/mutex.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::integration {

class Stopping {
 public:
  void Stop() {
    base::MutexLock lock(mu_);
    stopped_ = true;
    told_.NotifyAll();
  }
  bool stopped() const {
    base::MutexLock lock(mu_);
    return stopped_;
  }
  // Waits that long for Stop; true if it has come.
  bool Within(absl::Duration time) const {
    const Stopwatch watch;
    base::MutexLock lock(mu_);
    while (!stopped_ && watch.LeftOf(time) > absl::ZeroDuration()) {
      told_.WaitFor(mu_, watch.LeftOf(time));
    }
    return stopped_;
  }

 private:
  mutable base::Mutex mu_;
  mutable base::CondVar told_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace rollcall::integration
