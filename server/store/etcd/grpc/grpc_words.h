// Between our words and gRPC's: deadlines, statuses.
#pragma once

#include <grpc/support/time.h>
#include <grpcpp/support/status.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace rollcall::etcd {

inline gpr_timespec DeadlineIn(absl::Duration time) {
  if (time == absl::InfiniteDuration()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  const int64_t micros = std::max<int64_t>(0, absl::ToInt64Microseconds(time));
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_micros(micros, GPR_TIMESPAN));
}

// The codes are the same.
inline absl::Status FromGrpc(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

}  // namespace rollcall::etcd
