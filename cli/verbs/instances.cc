// rollcall instances SERVICE [--selector …] [--at TIME]
#include "absl/strings/str_cat.h"
#include "cli/print/instances_text.h"
#include "cli/print/operations_text.h"
#include "cli/print/table.h"
#include "cli/print/times.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

struct InstancesArguments {
  std::string service;
  std::string selector;
  std::string at;
};

std::string BrakeFooter(const v1::ListBrakesResponse& brakes, const v1::ServiceKey& key,
                        const Look& look) {
  std::string text;
  for (const v1::BrakeInfo& brake : brakes.brakes()) {
    if (brake.service() != key.service() || brake.namespace_() != key.namespace_()) continue;
    absl::StrAppend(&text, Painted(BrakeLine(brake, look), Colour::kYellow, look.colours), "\n");
  }
  return text;
}

absl::StatusOr<v1::ListInstancesRequest> RequestOf(const InstancesArguments& arguments,
                                                   const v1::ServiceKey& key, const Look& look) {
  v1::ListInstancesRequest request;
  request.set_namespace_(key.namespace_());
  request.set_service(key.service());
  request.set_selector(arguments.selector);
  if (arguments.at.empty()) return request;
  ASSIGN_OR_RETURN(const absl::Time at, ParseTime(arguments.at, look));
  *request.mutable_at() = ToProto(at);
  return request;
}

absl::StatusOr<ExitCode> RunInstances(const InstancesArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(const auto key, ParseServiceKey(context.ns, arguments.service));
  ASSIGN_OR_RETURN(const auto request, RequestOf(arguments, key, context.printer.look()));
  ASSIGN_OR_RETURN(const auto listed,
                   context.registry.Call(&v1::Operations::Stub::ListInstances, request));
  v1::ListBrakesResponse brakes;
  if (context.printer.for_people() && !request.has_at()) {
    ASSIGN_OR_RETURN(brakes, context.registry.Call(&v1::Operations::Stub::ListBrakes, {}));
  }
  if (listed.instances().empty() && context.printer.for_people()) {
    return absl::NotFoundError(absl::StrCat("no instances of ", key.service(),
                                            arguments.selector.empty() ? "" : " match the selector",
                                            "; 'rollcall services' lists what is there"));
  }
  context.printer.Show(listed, [&](Look look) {
    if (request.has_at()) look.now = ToTime(request.at());
    return InstancesText(listed.instances(), look) + BrakeFooter(brakes, key, look);
  });
  return listed.instances().empty() ? ExitCode::kNo : ExitCode::kDone;
}

}  // namespace

Action ConfigureInstances(CLI::App& app) {
  auto arguments = std::make_shared<InstancesArguments>();
  app.add_option("SERVICE", arguments->service, "The service")->required();
  app.add_option("--selector", arguments->selector,
                 "Only these: key=value or key!=value, comma-joined; keys: version, region, zone, "
                 "sub_zone, meta.<key>");
  app.add_option("--at", arguments->at,
                 "As they stood then: 12:03:05, \"2026-01-31 12:03:05\", or how long ago: 5m");
  return [arguments](Context& context) { return RunInstances(*arguments, context); };
}

}  // namespace rollcall::cli
