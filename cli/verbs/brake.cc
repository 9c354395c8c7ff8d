// rollcall brake list|release SERVICE
#include "absl/strings/str_cat.h"
#include "cli/print/cluster_text.h"
#include "cli/print/operations_text.h"
#include "cli/print/words.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

template <typename Response>
void WarnOfSilence(const Response& response, absl::string_view what, Context& context) {
  for (const v1::UnreachableNode& node : response.unreachable()) {
    context.printer.Note(absl::StrCat("warning: ", what, ", ", UnreachableText(node)));
  }
}

absl::StatusOr<ExitCode> ListBrakes(Context& context) {
  ASSIGN_OR_RETURN(const auto brakes, context.registry.Call(&v1::Operations::Stub::ListBrakes, {}));
  context.printer.Show(brakes, [&](const Look& look) { return BrakesText(brakes, look); });
  WarnOfSilence(brakes, "brakes of a node are not known", context);
  return ExitCode::kDone;
}

absl::Status CheckHolds(const v1::ServiceKey& key, Context& context) {
  ASSIGN_OR_RETURN(const auto brakes, context.registry.Call(&v1::Operations::Stub::ListBrakes, {}));
  for (const v1::BrakeInfo& brake : brakes.brakes()) {
    if (brake.service() == key.service() && brake.namespace_() == key.namespace_()) {
      return absl::OkStatus();
    }
  }
  // One that cannot be asked now may hold it; releasing says more.
  if (!brakes.unreachable().empty()) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("no eviction brake of ", key.service(),
                                          " holds now, so there is nothing to release; 'rollcall "
                                          "brake list' shows those that hold"));
}

absl::StatusOr<ExitCode> ReleaseBrake(const std::string& service, Context& context) {
  v1::ReleaseBrakeRequest request;
  ASSIGN_OR_RETURN(*request.mutable_key(), ParseServiceKey(context.ns, service));
  request.set_actor(context.actor);
  RETURN_IF_ERROR(CheckHolds(request.key(), context));
  ASSIGN_OR_RETURN(const auto released,
                   context.registry.Call(&v1::Operations::Stub::ReleaseBrake, request));
  context.printer.Show(released, [&](const Look&) {
    return absl::StrCat("Released the brake of ", service, ": ",
                        Count(released.released(), "held eviction"), " go on.\n");
  });
  WarnOfSilence(released, "not released on a node", context);
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureBrake(CLI::App& app) {
  auto service = std::make_shared<std::string>();
  app.require_subcommand(1);
  app.add_subcommand("list", "Eviction brakes that hold now");
  CLI::App* release = app.add_subcommand("release", "Let held evictions of a service go on");
  release->add_option("SERVICE", *service, "The service")->required();
  return [service, release](Context& context) {
    return release->parsed() ? ReleaseBrake(*service, context) : ListBrakes(context);
  };
}

}  // namespace rollcall::cli
