// Tells a client to go on on another node. The end of its stream makes nobody suspect from then on.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/util/time_util.h"
#include "server/health/stream_binding.h"

namespace rollcall::health {

// `servers`: empty: any other that it knows. `within`: each client chooses a moment in that.
inline void SendMoveTo(StreamBinding& binding, const std::vector<std::string>& servers,
                       absl::Duration within) {
  using google::protobuf::util::TimeUtil;
  binding.set_farewell(StreamBinding::Farewell::kServerMoves);
  v1::KeepAliveResponse response;
  v1::KeepAliveResponse::MoveTo& move = *response.mutable_move_to();
  move.mutable_servers()->Assign(servers.begin(), servers.end());
  *move.mutable_after() = TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(within));
  binding.stream().Send(std::move(response));
}

}  // namespace rollcall::health
