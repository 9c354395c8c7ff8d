// rollcall get SERVICE/ID
#include "cli/print/instances_text.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/discovery.grpc.pb.h"

namespace rollcall::cli {
namespace {

absl::StatusOr<ExitCode> RunGet(const std::string& name, Context& context) {
  v1::GetInstanceRequest request;
  ASSIGN_OR_RETURN(*request.mutable_key(), ParseInstanceKey(context.ns, name));
  ASSIGN_OR_RETURN(const auto got,
                   context.registry.Call(&v1::Discovery::Stub::GetInstance, request));
  context.printer.Show(got, [&](const Look& look) { return InstanceText(got.instance(), look); });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureGet(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  app.add_option("SERVICE/ID", *name, "The instance")->required();
  return [name](Context& context) { return RunGet(*name, context); };
}

}  // namespace rollcall::cli
