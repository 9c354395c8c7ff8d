// rollcall drain SERVICE/ID [--wait] [--for 10m] [--reason …]
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/client/drain_laggards.h"
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

constexpr absl::Duration kWait = absl::Minutes(1);
constexpr absl::Duration kPollEvery = absl::Milliseconds(200);

struct DrainArguments {
  std::string name;
  bool wait = false;
  std::string duration;
  std::string reason;
};

// Whoever drains it once more, as to wait for it, need not say again for how long and why.
void KeepDrain(const v1::Override& before, v1::SetOverrideRequest& request, Context& context) {
  if (request.reason().empty()) request.set_reason(before.reason());
  if (request.has_duration() || !before.has_expires()) return;
  *request.mutable_duration() = ToProto(LeftOf(before, context.clock.Wall()));
}

void KeepWeight(const v1::Override& before, v1::SetOverrideRequest& request, Context& context) {
  request.set_weight(before.weight());
  const bool drained = before.mode() == v1::OVERRIDE_MODE_DRAINING;
  if (request.has_duration() && !drained) {
    context.printer.Note(absl::StrCat("warning: the weight of ", before.weight(),
                                      " ends with the drain; set it again then"));
  } else if (before.has_expires() && !drained) {
    const std::string end = DateText(ToTime(before.expires()), context.printer.look().zone);
    context.printer.Note(absl::StrCat("warning: the weight of ", before.weight(), " was to end at ",
                                      end, "; now it stays until it is cleared"));
  }
}

// An override has one mode, one weight and one end: what an operator decided before is kept, or the
// operator is told what is not.
absl::Status Keep(const std::optional<v1::Override>& before, v1::SetOverrideRequest& request,
                  Context& context) {
  if (!before.has_value()) return absl::OkStatus();
  const std::string key = KeyText(request.key());
  if (before->mode() == v1::OVERRIDE_MODE_OUT_OF_SERVICE) {
    return absl::FailedPreconditionError(
        absl::StrCat(key, " is ", OverridePhrase(*before, context.printer.look()),
                     ", which is more than draining; to drain it instead, first 'rollcall override "
                     "clear ",
                     key, "'"));
  }
  if (before->mode() == v1::OVERRIDE_MODE_DRAINING) KeepDrain(*before, request, context);
  if (before->has_weight()) KeepWeight(*before, request, context);
  return absl::OkStatus();
}

absl::StatusOr<v1::SetOverrideRequest> RequestOf(const DrainArguments& arguments,
                                                 Context& context) {
  v1::SetOverrideRequest request;
  ASSIGN_OR_RETURN(*request.mutable_key(), ParseInstanceKey(context.ns, arguments.name));
  request.set_mode(v1::OVERRIDE_MODE_DRAINING);
  request.set_actor(context.actor);
  request.set_reason(arguments.reason);
  request.set_must_exist(true);
  if (!arguments.duration.empty()) {
    ASSIGN_OR_RETURN(const absl::Duration span, ParseSpan("--for", arguments.duration));
    *request.mutable_duration() = ToProto(span);
  }
  ASSIGN_OR_RETURN(const auto before, FindOverride(context.registry, request.key()));
  RETURN_IF_ERROR(Keep(before, request, context));
  return request;
}

// Until complete, interrupted, or the time is up.
absl::StatusOr<v1::GetDrainStatusResponse> Await(const v1::GetDrainStatusRequest& request,
                                                 DrainLaggards& laggards, Context& context) {
  const Interrupt::Listener listener(context.interrupt, [] {});
  const base::Instant deadline = context.clock.Steady() + context.timeout.value_or(kWait);
  while (true) {
    ASSIGN_OR_RETURN(auto status,
                     context.registry.Call(&v1::Operations::Stub::GetDrainStatus, request));
    laggards.See(status);
    if (status.complete() || context.clock.Steady() >= deadline) return status;
    if (context.interrupt.WaitFor(kPollEvery)) return status;
  }
}

std::string CutOffText(const std::vector<v1::DrainWatcher>& watchers) {
  if (watchers.empty()) return "";
  return absl::StrCat("; cut off without applying it: ",
                      absl::StrJoin(watchers, ", ", [](std::string* out, const auto& watcher) {
                        out->append(WatcherName(watcher));
                      }));
}

absl::StatusOr<ExitCode> Wait(const v1::InstanceKey& key, uint64_t revision, Context& context) {
  v1::GetDrainStatusRequest request;
  *request.mutable_key() = key;
  request.set_revision(revision);
  DrainLaggards laggards;
  ASSIGN_OR_RETURN(auto status, Await(request, laggards, context));
  const auto cut_off = laggards.CutOff();
  // Nobody answers for those; they may still call the instance.
  if (!cut_off.empty()) status.set_complete(false);
  const std::string text = DrainText(key, status);
  for (const v1::DrainWatcher& watcher : cut_off) *status.add_laggards() = watcher;
  context.printer.Show(status, [&](const Look&) { return status.complete() ? text + ".\n" : ""; });
  if (status.complete()) return ExitCode::kDone;
  return absl::FailedPreconditionError(
      absl::StrCat(text, CutOffText(cut_off), "; it stays draining, ",
                   cut_off.empty() ? "wait longer with --timeout"
                                   : "ask again with 'drain --wait' once they are back or gone"));
}

absl::StatusOr<ExitCode> RunDrain(const DrainArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(const auto request, RequestOf(arguments, context));
  ASSIGN_OR_RETURN(const auto set,
                   context.registry.Call(&v1::Operations::Stub::SetOverride, request));
  if (arguments.wait) return Wait(request.key(), set.revision(), context);
  context.printer.Show(set, [&](const Look& look) {
    return absl::StrCat(KeyText(request.key()), " is ", OverridePhrase(set.override(), look),
                        ".\n");
  });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureDrain(CLI::App& app) {
  auto arguments = std::make_shared<DrainArguments>();
  app.add_option("SERVICE/ID", arguments->name, "The instance")->required();
  app.add_flag("--wait", arguments->wait,
               "Wait until every watcher that acknowledges has applied it, at most --timeout "
               "(default 1m); names the watchers and nodes that have not, also nodes that went "
               "without leaving");
  app.add_option("--for", arguments->duration, "Ends by itself after this; default: until undrain");
  app.add_option("--reason", arguments->reason, "Why, for the history");
  return [arguments](Context& context) { return RunDrain(*arguments, context); };
}

}  // namespace rollcall::cli
