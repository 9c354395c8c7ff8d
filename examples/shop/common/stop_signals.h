// StopSignals: SIGTERM and SIGINT as something to wait for, instead of a handler.
//
// Make it first in main(), before any thread starts: threads inherit the blocked signals, so that
// they arrive nowhere but in Wait().
#pragma once

#include <csignal>

#include "absl/time/time.h"

namespace shop {

class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

  // Returns when the process is asked to stop.
  void Wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
  }

  // As Wait(), but for at most `limit`; false if it ran out.
  bool WaitFor(absl::Duration limit) const {
    const timespec wait = absl::ToTimespec(limit);
    return sigtimedwait(&signals_, nullptr, &wait) > 0;
  }

 private:
  sigset_t signals_;
};

}  // namespace shop
