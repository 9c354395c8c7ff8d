// rollcall services
#include "cli/print/instances_text.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/discovery.grpc.pb.h"

namespace rollcall::cli {
namespace {

absl::StatusOr<ExitCode> RunServices(Context& context) {
  v1::ListServicesRequest request;
  request.set_namespace_(context.ns);
  ASSIGN_OR_RETURN(const auto services,
                   context.registry.Call(&v1::Discovery::Stub::ListServices, request));
  context.printer.Show(services, [&](const Look& look) {
    return services.services().empty() ? "No services.\n" : ServicesText(services, look);
  });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureServices(CLI::App&) { return RunServices; }

}  // namespace rollcall::cli
