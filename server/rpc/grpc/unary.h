// Unary: carries one unary request from gRPC to a handler and its answer back.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <string>
#include <utility>

#include "client-sdk/base/clock.h"
#include "server/rpc/call.h"
#include "server/rpc/grpc/call_stats.h"
#include "server/rpc/grpc/status.h"

namespace rollcall::rpc {

// A caller without a deadline is given this one, so that nothing waits for ever.
inline constexpr absl::Duration kLongestCall = absl::Seconds(30);
// For the answer's way back to a caller with a deadline.
inline constexpr absl::Duration kTimeToAnswer = absl::Milliseconds(100);

inline Call CallOf(grpc::CallbackServerContext* context, const base::Clock& clock) {
  const absl::Duration left = absl::FromChrono(context->deadline()) - clock.Wall();
  // What is not known in time is said in time: the caller hears it, not its own deadline.
  const absl::Duration to_answer = std::min(left / 10, kTimeToAnswer);
  Call call;
  call.deadline = clock.Steady() + std::min(left - to_answer, kLongestCall);
  call.peer = context->peer();
  // Valid until Finish, which is also when nobody asks any more.
  call.cancelled = [context] { return context->IsCancelled(); };
  return call;
}

// The reply that fills in `response` and finishes `reactor`.
template <typename Response>
Reply<Response> Finishing(grpc::ServerUnaryReactor* reactor, Response* response, CallStats& stats,
                          Method method) {
  return [reactor, response, &stats, method](absl::StatusOr<Response> answer) {
    const grpc::Status status = ToGrpc(answer.status());
    stats.Count(method, answer.status().code());
    if (answer.ok()) *response = *std::move(answer);
    reactor->Finish(status);
  };
}

}  // namespace rollcall::rpc
