// Call: what a handler knows of a request besides its content; Reply: how it answers.
#pragma once

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "client-sdk/base/instant.h"

namespace rollcall::rpc {

struct Call {
  base::Instant deadline;
  std::string peer;
  // Whether the caller went away; thread-safe. Null: it cannot.
  std::function<bool()> cancelled;
};

// Called once, from any thread.
template <typename Response>
using Reply = absl::AnyInvocable<void(absl::StatusOr<Response>)>;

}  // namespace rollcall::rpc
