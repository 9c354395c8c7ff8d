// rollcall resolve SERVICE [--strict] [--selector …] [--latest]
#include "absl/strings/str_cat.h"
#include "cli/print/instances_text.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/discovery.grpc.pb.h"

namespace rollcall::cli {
namespace {

struct ResolveArguments {
  std::string service;
  std::string selector;
  bool strict = false;
  bool latest = false;
};

absl::StatusOr<ExitCode> RunResolve(const ResolveArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(const auto key, ParseServiceKey(context.ns, arguments.service));
  v1::ResolveRequest request;
  request.set_namespace_(key.namespace_());
  request.set_service(key.service());
  request.set_selector(arguments.selector);
  request.set_strict(arguments.strict);
  if (arguments.latest) request.set_consistency(v1::CONSISTENCY_LATEST);
  ASSIGN_OR_RETURN(const auto resolved,
                   context.registry.Call(&v1::Discovery::Stub::Resolve, request));
  if (resolved.instances().empty() && context.printer.for_people()) {
    return absl::NotFoundError(absl::StrCat("nobody can be called for ", key.service(),
                                            "; 'rollcall instances ", key.service(),
                                            "' shows whether any is there"));
  }
  context.printer.Show(resolved, [&](const Look& look) { return ResolvedText(resolved, look); });
  return resolved.instances().empty() ? ExitCode::kNo : ExitCode::kDone;
}

}  // namespace

Action ConfigureResolve(CLI::App& app) {
  auto arguments = std::make_shared<ResolveArguments>();
  app.add_option("SERVICE", arguments->service, "The service")->required();
  app.add_option("--selector", arguments->selector,
                 "Only these: key=value or key!=value, comma-joined");
  app.add_flag("--strict", arguments->strict, "Only passing instances, even when none is");
  app.add_flag("--latest", arguments->latest, "Ask the store, not only what this node knows");
  return [arguments](Context& context) { return RunResolve(*arguments, context); };
}

}  // namespace rollcall::cli
