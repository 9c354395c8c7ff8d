// Shows ThreadSanitizer that a gRPC operation starts before it ends; in the programs of a TSan
// build only.
//
// gRPC's core passes operations on by atomics alone, and is not instrumented. The tag of a batch is
// released where the batch is handed to the core, and acquired in grpc_callbacks.cc, or, for calls
// that block, by the lock of the completion queue.
#include <grpc/grpc.h>

#include ".cmake/tsan/interpose.h"
#include "client-sdk/base/tsan.h"

extern "C" void rollcall_tsan_grpc_batches() {}

extern "C" grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count,
                                                 void* tag, void* reserved) {
  static auto* const start =
      rollcall::tsan::Next<grpc_call_error(grpc_call*, const grpc_op*, size_t, void*, void*)>(
          "grpc_call_start_batch");
  rollcall::base::TsanRelease(tag);
  return start(call, ops, count, tag, reserved);
}
