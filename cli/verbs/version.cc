// rollcall version
#include "cli/verbs/verb.h"
#include "google/protobuf/struct.pb.h"

namespace rollcall::cli {

Action ConfigureVersion(CLI::App&) {
  return [](Context& context) -> absl::StatusOr<ExitCode> {
    google::protobuf::Struct version;
    (*version.mutable_fields())["version"].set_string_value(ROLLCALL_VERSION);
    context.printer.Show(version, [](const Look&) { return "rollcall " ROLLCALL_VERSION "\n"; });
    return ExitCode::kDone;
  };
}

}  // namespace rollcall::cli
