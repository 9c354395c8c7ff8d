// rollcall history [SERVICE[/ID]] [--since …]
#include <optional>

#include "cli/print/changes_text.h"
#include "cli/print/times.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

struct HistoryArguments {
  std::string name;
  std::string since;
  std::optional<uint32_t> limit;
};

absl::StatusOr<v1::GetHistoryRequest> RequestOf(const HistoryArguments& arguments,
                                                const Context& context) {
  ASSIGN_OR_RETURN(const auto key, ParsePartialKey(context.ns, arguments.name));
  v1::GetHistoryRequest request;
  request.set_namespace_(key.namespace_());
  request.set_service(key.service());
  request.set_id(key.id());
  if (arguments.limit.has_value()) {
    if (*arguments.limit == 0) return absl::InvalidArgumentError("--limit: must be above 0");
    request.set_limit(*arguments.limit);
  }
  if (arguments.since.empty()) return request;
  ASSIGN_OR_RETURN(const absl::Time since, ParseTime(arguments.since, context.printer.look()));
  *request.mutable_since() = ToProto(since);
  return request;
}

absl::StatusOr<ExitCode> RunHistory(const HistoryArguments& arguments, Context& context) {
  ASSIGN_OR_RETURN(const auto request, RequestOf(arguments, context));
  ASSIGN_OR_RETURN(const auto history,
                   context.registry.Call(&v1::Operations::Stub::GetHistory, request));
  context.printer.Show(history, [&](const Look& look) { return HistoryText(history, look); });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureHistory(CLI::App& app) {
  auto arguments = std::make_shared<HistoryArguments>();
  app.add_option("SERVICE[/ID]", arguments->name, "Only of this service or instance");
  app.add_option("--since", arguments->since,
                 "Only changes after then: 1h (ago), 12:03:05, \"2026-01-31 12:03:05\"");
  app.add_option("--limit", arguments->limit, "At most this many, the newest; default 1000");
  return [arguments](Context& context) { return RunHistory(*arguments, context); };
}

}  // namespace rollcall::cli
