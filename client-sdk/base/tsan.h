// Marks for ThreadSanitizer where a hand-off between threads goes through a library that is not
// instrumented (gRPC's completion queues): release before giving the object away, acquire on the
// other side. Nothing in other builds.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define ROLLCALL_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ROLLCALL_TSAN 1
#endif
#endif

#ifdef ROLLCALL_TSAN
extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
#endif

namespace rollcall::base {

inline void TsanRelease([[maybe_unused]] void* address) {
#ifdef ROLLCALL_TSAN
  __tsan_release(address);
#endif
}

inline void TsanAcquire([[maybe_unused]] void* address) {
#ifdef ROLLCALL_TSAN
  __tsan_acquire(address);
#endif
}

}  // namespace rollcall::base
