// What the handlers of operators' requests check first, and who an operator is.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/rpc/call.h"
#include "server/rpc/validation.h"

namespace rollcall::rpc {

// Who does not say who he is, is the peer.
inline std::string ActorOf(const std::string& actor, const Call& call) {
  return actor.empty() ? call.peer : actor;
}

inline absl::Status CheckActor(const std::string& actor, const std::string& reason = "") {
  if (absl::Status status = ValidateText(actor, "actor"); !status.ok()) return status;
  return ValidateText(reason, "reason");
}

// Answers a failed check and says so.
template <typename Response>
bool Refused(const absl::Status& status, Reply<Response>& reply) {
  if (status.ok()) return false;
  reply(status);
  return true;
}

}  // namespace rollcall::rpc
