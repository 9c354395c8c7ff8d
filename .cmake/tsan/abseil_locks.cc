// Shows Abseil's locks to ThreadSanitizer; in the programs of a TSan build only.
//
// gRPC hands its work from thread to thread under absl::Mutex, and neither library is instrumented
// as it comes from Debian: without this every callback looks like a race with whoever started the
// call. The functions below stand before those of libabsl_synchronization (the dynamic linker takes
// the program's first, for all libraries), call them, and tell what they order. So what is reported
// of a callback is about our own code again, and need not be suppressed.
#include <absl/synchronization/mutex.h>

#include ".cmake/tsan/interpose.h"
#include "client-sdk/base/tsan.h"

using rollcall::base::TsanAcquire;
using rollcall::base::TsanRelease;
using rollcall::tsan::Next;

// By this name the linker takes the file from its archive.
extern "C" void rollcall_tsan_abseil_locks() {}

// Debian's Abseil has an inline namespace of its own.
#define ROLLCALL_ABSEIL(name) "_ZN4absl7debian3" name

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static auto* const lock = Next<void(Mutex*)>(ROLLCALL_ABSEIL("5Mutex4LockEv"));
  lock(this);
  TsanAcquire(this);
}

bool Mutex::TryLock() {
  static auto* const try_lock = Next<bool(Mutex*)>(ROLLCALL_ABSEIL("5Mutex7TryLockEv"));
  const bool locked = try_lock(this);
  if (locked) TsanAcquire(this);
  return locked;
}

void Mutex::Unlock() {
  static auto* const unlock = Next<void(Mutex*)>(ROLLCALL_ABSEIL("5Mutex6UnlockEv"));
  TsanRelease(this);
  unlock(this);
}

void CondVar::Wait(Mutex* mu) {
  static auto* const wait =
      Next<void(CondVar*, Mutex*)>(ROLLCALL_ABSEIL("7CondVar4WaitEPNS0_5MutexE"));
  TsanRelease(mu);
  wait(this, mu);
  TsanAcquire(mu);
}

bool CondVar::WaitWithTimeout(Mutex* mu, Duration timeout) {
  static auto* const wait = Next<bool(CondVar*, Mutex*, Duration)>(
      ROLLCALL_ABSEIL("7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE"));
  TsanRelease(mu);
  const bool timed_out = wait(this, mu, timeout);
  TsanAcquire(mu);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mu, Time deadline) {
  static auto* const wait = Next<bool(CondVar*, Mutex*, Time)>(
      ROLLCALL_ABSEIL("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE"));
  TsanRelease(mu);
  const bool timed_out = wait(this, mu, deadline);
  TsanAcquire(mu);
  return timed_out;
}

ABSL_NAMESPACE_END
}  // namespace absl
