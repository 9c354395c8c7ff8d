// Shows ThreadSanitizer that a shared absl::Status goes when its last copy does; in the programs of
// a TSan build only. The count goes down in libabsl_status, which is not instrumented.
#include <absl/status/status.h>

#include <cstdint>

#include ".cmake/tsan/interpose.h"
#include "client-sdk/base/tsan.h"

extern "C" void rollcall_tsan_abseil_status() {}

namespace rollcall::tsan {

// The address of the shared part, with a bit set that tells it from a code without a message.
void Unref(uintptr_t rep) __asm__("_ZN4absl7debian36Status15UnrefNonInlinedEm");
void Unref(uintptr_t rep) {
  static auto* const unref = Next<void(uintptr_t)>("_ZN4absl7debian36Status15UnrefNonInlinedEm");
  void* const shared = reinterpret_cast<void*>(rep & ~uintptr_t{3});
  base::TsanRelease(shared);
  base::TsanAcquire(shared);
  unref(rep);
}

}  // namespace rollcall::tsan
