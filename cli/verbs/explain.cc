// rollcall explain SERVICE/ID
#include "absl/strings/str_cat.h"
#include "cli/print/story_text.h"
#include "cli/print/words.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/v1/operations.grpc.pb.h"

namespace rollcall::cli {
namespace {

absl::StatusOr<ExitCode> RunExplain(const std::string& name, Context& context) {
  v1::ExplainRequest request;
  ASSIGN_OR_RETURN(*request.mutable_key(), ParseInstanceKey(context.ns, name));
  ASSIGN_OR_RETURN(const auto explained,
                   context.registry.Call(&v1::Operations::Stub::Explain, request));
  if (!explained.has_instance() && explained.changes().empty()) {
    return absl::NotFoundError(absl::StrCat(KeyText(request.key()),
                                            " is not registered and has no history; 'rollcall "
                                            "services' lists what is there"));
  }
  context.printer.Show(explained,
                       [&](const Look& look) { return StoryText(request.key(), explained, look); });
  return ExitCode::kDone;
}

}  // namespace

Action ConfigureExplain(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  app.add_option("SERVICE/ID", *name, "The instance")->required();
  return [name](Context& context) { return RunExplain(*name, context); };
}

}  // namespace rollcall::cli
