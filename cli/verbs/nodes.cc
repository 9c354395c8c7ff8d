// rollcall nodes
#include "cli/print/cluster_text.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

absl::StatusOr<ExitCode> RunNodes(Context& context) {
  ASSIGN_OR_RETURN(const auto nodes, context.registry.Call(&v1::Operations::Stub::ListNodes, {}));
  context.printer.Show(nodes, [&](const Look& look) { return NodesText(nodes, look); });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureNodes(CLI::App&) { return RunNodes; }

}  // namespace rollcall::cli
