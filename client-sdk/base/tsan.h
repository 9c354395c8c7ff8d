// Marks for ThreadSanitizer where a hand-off between threads goes through a library that is not
// instrumented (gRPC's completion queues): release before giving the object away, acquire on the
// other side. Nothing in other builds.
#pragma once

// The build defines it, not the compiler: see the top CMakeLists.txt.
#ifdef ROLLCALL_SANITIZE_THREAD
extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
#endif

namespace rollcall::base {

inline void TsanRelease([[maybe_unused]] void* address) {
#ifdef ROLLCALL_SANITIZE_THREAD
  __tsan_release(address);
#endif
}

inline void TsanAcquire([[maybe_unused]] void* address) {
#ifdef ROLLCALL_SANITIZE_THREAD
  __tsan_acquire(address);
#endif
}

}  // namespace rollcall::base
