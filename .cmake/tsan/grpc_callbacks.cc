// The other end of grpc_batches.cc: what the core runs when a batch has ended, and the end of a
// call.
//
// Each of gRPC's two kinds of callbacks enters our code in one function of its header, StaticRun().
// The definitions here have its symbols and do as it does, after having acquired what was released
// at the start; being no inline functions, they are the ones the linker takes.
#include <grpcpp/support/callback_common.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>

#include ".cmake/tsan/interpose.h"
#include "client-sdk/base/tsan.h"

extern "C" void rollcall_tsan_grpc_callbacks() {}

namespace rollcall::tsan {
namespace {

using grpc::internal::CallbackWithStatusTag;
using grpc::internal::CallbackWithSuccessTag;
using grpc::internal::ServerCallbackCall;

void Run(CallbackWithStatusTag* tag, bool ok);
void Run(CallbackWithSuccessTag* tag, bool ok);

// An explicit instantiation may name what is private.
template <typename Tag, void (Tag::*kRun)(bool)>
struct Reveal {
  friend void Run(Tag* tag, bool ok) { (tag->*kRun)(ok); }
};
template struct Reveal<CallbackWithStatusTag, &CallbackWithStatusTag::Run>;
template struct Reveal<CallbackWithSuccessTag, &CallbackWithSuccessTag::Run>;

std::atomic_int& CallbacksOutstanding(ServerCallbackCall* call);

template <std::atomic_int ServerCallbackCall::*kCount>
struct RevealCount {
  friend std::atomic_int& CallbacksOutstanding(ServerCallbackCall* call) { return call->*kCount; }
};
template struct RevealCount<&ServerCallbackCall::callbacks_outstanding_>;

}  // namespace

void EndCall(grpc_completion_queue_functor* tag, int ok) __asm__(
    "_ZN4grpc8internal21CallbackWithStatusTag9StaticRunEP29grpc_completion_queue_functori");
void EndCall(grpc_completion_queue_functor* tag, int ok) {
  base::TsanAcquire(tag);
  Run(static_cast<CallbackWithStatusTag*>(tag), ok != 0);
}

void EndBatch(grpc_completion_queue_functor* tag, int ok) __asm__(
    "_ZN4grpc8internal22CallbackWithSuccessTag9StaticRunEP29grpc_completion_queue_functori");
void EndBatch(grpc_completion_queue_functor* tag, int ok) {
  base::TsanAcquire(tag);
  Run(static_cast<CallbackWithSuccessTag*>(tag), ok != 0);
}

// A server's call is done when its count of callbacks is zero. Callbacks in this program count down
// where ThreadSanitizer sees it; the last one may do so in the library, where it does not.
void ScheduleOnDone(ServerCallbackCall* call, bool inline_ondone) __asm__(
    "_ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb");
void ScheduleOnDone(ServerCallbackCall* call, bool inline_ondone) {
  static auto* const schedule = Next<void(ServerCallbackCall*, bool)>(
      "_ZN4grpc8internal18ServerCallbackCall14ScheduleOnDoneEb");
  base::TsanAcquire(&CallbacksOutstanding(call));
  schedule(call, inline_ondone);
}

}  // namespace rollcall::tsan
