// rollcall status
#include "cli/print/operations_text.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

// A registry that cannot reach its store, or write to it, is up, but not healthy.
absl::StatusOr<ExitCode> RunStatus(Context& context) {
  ASSIGN_OR_RETURN(const auto status, context.registry.Call(&v1::Operations::Stub::GetStatus, {}));
  context.printer.Show(status, [&](const Look& look) { return StatusText(status, look); });
  const bool healthy = status.store_reachable() && status.writes_refused().empty();
  return healthy ? ExitCode::kDone : ExitCode::kNo;
}

}  // namespace

Action ConfigureStatus(CLI::App&) { return RunStatus; }

}  // namespace rollcall::cli
