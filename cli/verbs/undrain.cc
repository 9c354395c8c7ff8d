// rollcall undrain SERVICE/ID
#include "absl/strings/str_cat.h"
#include "cli/print/times.h"
#include "cli/print/words.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/overrides.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

std::string DoneText(const v1::InstanceKey& key, uint64_t revision) {
  return absl::StrCat(KeyText(key), " is no longer draining, revision ", revision, ".\n");
}

absl::Status ClearDrain(const v1::InstanceKey& key, Context& context) {
  v1::ClearOverrideRequest request;
  *request.mutable_key() = key;
  request.set_actor(context.actor);
  ASSIGN_OR_RETURN(const auto cleared,
                   context.registry.Call(&v1::Operations::Stub::ClearOverride, request));
  context.printer.Show(cleared, [&](const Look&) { return DoneText(key, cleared.revision()); });
  return absl::OkStatus();
}

// The drain ends, the weight that an operator set stays.
absl::Status EndDrainOnly(const v1::Override& before, Context& context) {
  v1::SetOverrideRequest request;
  *request.mutable_key() = before.key();
  request.set_weight(before.weight());
  request.set_actor(context.actor);
  // The reason that was given is that of the drain.
  request.set_reason("the drain ended, the weight stays");
  if (before.has_expires()) {
    *request.mutable_duration() = ToProto(LeftOf(before, context.clock.Wall()));
  }
  ASSIGN_OR_RETURN(const auto set,
                   context.registry.Call(&v1::Operations::Stub::SetOverride, request));
  context.printer.Show(set, [&](const Look&) { return DoneText(before.key(), set.revision()); });
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunUndrain(const std::string& name, Context& context) {
  ASSIGN_OR_RETURN(const auto key, ParseInstanceKey(context.ns, name));
  ASSIGN_OR_RETURN(const auto before, FindOverride(context.registry, key));
  if (!before.has_value() || before->mode() != v1::OVERRIDE_MODE_DRAINING) {
    return absl::NotFoundError(absl::StrCat(KeyText(key),
                                            " is not drained by an operator; 'rollcall get ",
                                            KeyText(key), "' shows how it stands"));
  }
  RETURN_IF_ERROR(before->has_weight() ? EndDrainOnly(*before, context) : ClearDrain(key, context));
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureUndrain(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  app.add_option("SERVICE/ID", *name, "The instance")->required();
  return [name](Context& context) { return RunUndrain(*name, context); };
}

}  // namespace rollcall::cli
