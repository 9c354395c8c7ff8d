// rollcall override set|clear|list
#include "absl/strings/str_cat.h"
#include "cli/print/operations_text.h"
#include "cli/print/times.h"
#include "cli/print/words.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/overrides.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

struct OverrideArguments {
  std::string name;
  bool draining = false;
  bool out_of_service = false;
  std::optional<uint32_t> weight;
  std::string duration;
  std::string reason;
  std::string service;
};

absl::StatusOr<v1::SetOverrideRequest> RequestOf(const OverrideArguments& a,
                                                 const Context& context) {
  v1::SetOverrideRequest request;
  ASSIGN_OR_RETURN(*request.mutable_key(), ParseInstanceKey(context.ns, a.name));
  if (!a.draining && !a.out_of_service && !a.weight.has_value()) {
    return absl::InvalidArgumentError(
        "override set: nothing to override; give --draining, --out-of-service or --weight N");
  }
  if (a.draining) request.set_mode(v1::OVERRIDE_MODE_DRAINING);
  if (a.out_of_service) request.set_mode(v1::OVERRIDE_MODE_OUT_OF_SERVICE);
  if (a.weight.has_value()) request.set_weight(*a.weight);
  if (!a.duration.empty()) {
    ASSIGN_OR_RETURN(const absl::Duration span, ParseSpan("--for", a.duration));
    *request.mutable_duration() = ToProto(span);
  }
  request.set_actor(context.actor);
  request.set_reason(a.reason);
  return request;
}

absl::StatusOr<ExitCode> SetOverride(const OverrideArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(auto request, RequestOf(arguments, context));
  // Asked with the condition first: only the registry knows at that moment who is registered.
  request.set_must_exist(true);
  auto set = context.registry.Call(&v1::Operations::Stub::SetOverride, request);
  const bool registered = !absl::IsNotFound(set.status());
  if (!registered) {
    request.set_must_exist(false);
    set = context.registry.Call(&v1::Operations::Stub::SetOverride, request);
  }
  RETURN_IF_ERROR(set.status());
  context.printer.Show(*set, [&](const Look& look) {
    return absl::StrCat("Override of ", KeyText(request.key()), ": ",
                        OverridePhrase(set->override(), look), ".\n");
  });
  if (!registered) {
    context.printer.Remark(
        absl::StrCat(KeyText(request.key()), " is not registered now; it holds when it is."));
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> ClearOverride(const OverrideArguments& arguments, Context& context) {
  v1::ClearOverrideRequest request;
  ASSIGN_OR_RETURN(*request.mutable_key(), ParseInstanceKey(context.ns, arguments.name));
  ASSIGN_OR_RETURN(const auto before, FindOverride(context.registry, request.key()));
  if (!before.has_value()) {
    return absl::NotFoundError(
        absl::StrCat(KeyText(request.key()),
                     " has no override; 'rollcall override list' shows those that hold"));
  }
  request.set_actor(context.actor);
  ASSIGN_OR_RETURN(const auto cleared,
                   context.registry.Call(&v1::Operations::Stub::ClearOverride, request));
  context.printer.Show(cleared, [&](const Look&) {
    return absl::StrCat("Cleared the override of ", KeyText(request.key()), ", revision ",
                        cleared.revision(), ".\n");
  });
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> ListOverrides(const OverrideArguments& arguments, Context& context) {
  v1::ListOverridesRequest request;
  request.set_namespace_(context.ns);
  request.set_service(arguments.service);
  ASSIGN_OR_RETURN(const auto listed,
                   context.registry.Call(&v1::Operations::Stub::ListOverrides, request));
  context.printer.Show(listed, [&](const Look& look) { return OverridesText(listed, look); });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureOverride(CLI::App& app) {
  auto a = std::make_shared<OverrideArguments>();
  app.require_subcommand(1);
  CLI::App* set = app.add_subcommand(
      "set", "Decide something that no registration undoes; replaces what was set before");
  set->add_option("SERVICE/ID", a->name, "The instance")->required();
  CLI::Option* draining = set->add_flag("--draining", a->draining, "Ask callers to leave it");
  set->add_flag("--out-of-service", a->out_of_service, "Take it out")->excludes(draining);
  set->add_option("--weight", a->weight, "Share of calls instead of its own, 0 to 10000");
  set->add_option("--for", a->duration, "Ends by itself after this; default: until cleared");
  set->add_option("--reason", a->reason, "Why, for the history");
  CLI::App* clear = app.add_subcommand("clear", "End an override");
  clear->add_option("SERVICE/ID", a->name, "The instance")->required();
  CLI::App* list = app.add_subcommand("list", "Overrides that hold");
  list->add_option("SERVICE", a->service, "Only of this service");
  return [a, set, clear](Context& context) {
    if (set->parsed()) return SetOverride(*a, context);
    return clear->parsed() ? ClearOverride(*a, context) : ListOverrides(*a, context);
  };
}

}  // namespace rollcall::cli
