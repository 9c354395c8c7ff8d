// rollcall deregister SERVICE/ID
#include "absl/strings/str_cat.h"
#include "cli/print/words.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

struct DeregisterArguments {
  std::string name;
  std::string reason;
};

absl::StatusOr<ExitCode> RunDeregister(const DeregisterArguments& arguments, Context& context) {
  v1::RemoveInstanceRequest request;
  ASSIGN_OR_RETURN(*request.mutable_key(), ParseInstanceKey(context.ns, arguments.name));
  request.set_actor(context.actor);
  request.set_reason(arguments.reason);
  ASSIGN_OR_RETURN(const auto removed,
                   context.registry.Call(&v1::Operations::Stub::RemoveInstance, request));
  context.printer.Show(removed, [&](const Look&) {
    return absl::StrCat("Removed ", KeyText(request.key()), ", revision ", removed.revision(),
                        ".\n");
  });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureDeregister(CLI::App& app) {
  auto arguments = std::make_shared<DeregisterArguments>();
  app.add_option("SERVICE/ID", arguments->name, "The instance")->required();
  app.add_option("--reason", arguments->reason, "Why, for the history");
  return [arguments](Context& context) { return RunDeregister(*arguments, context); };
}

}  // namespace rollcall::cli
