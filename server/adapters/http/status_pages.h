// StatusPages: /healthz, /readyz and /metrics.
//
// /healthz answers 200 while the process is alive and what it checks answers within a bound; a
// supervisor restarts on anything else. /readyz answers 200 when the node should get traffic, else
// 503 with the reason. Both are text: "ok", or the reason.
#pragma once

#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/adapters/http/http_server.h"

namespace rollcall::http {

// Asks something and calls `done` once, from any thread; OK or the reason. Runs on the server's
// thread and must not block: to check an executor, post `done` to it. One that is not answered by
// the request timeout counts as failed.
using StatusCheck = std::function<void(absl::AnyInvocable<void(absl::Status)> done)>;

struct StatusPages {
  StatusCheck alive;
  StatusCheck ready;
  std::function<std::string()> metrics;  // the body of /metrics
};

HttpRoutes StatusRoutes(StatusPages pages);

}  // namespace rollcall::http
