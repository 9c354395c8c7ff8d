#include "cli/print/exit_code.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace rollcall::cli {
namespace {

// What to do, when the message does not say it already.
absl::string_view Advice(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return "try again, or name another registry with --server";
    case absl::StatusCode::kDeadlineExceeded:
      return "allow more with --timeout, or try another --server";
    case absl::StatusCode::kUnauthenticated:
      return "identify yourself with --tls-cert and --tls-key";
    case absl::StatusCode::kPermissionDenied:
      return "ask for the right, or use another certificate";
    case absl::StatusCode::kUnimplemented:
      return "update the registry to this command's version";
    case absl::StatusCode::kAborted:
      return "look at how it stands now and try again";
    case absl::StatusCode::kResourceExhausted:
      return "ask for less, or try again later";
    default:
      return "";
  }
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kDone;
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kWrongUse;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return ExitCode::kUnreachable;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return ExitCode::kNotPermitted;
    default:
      return ExitCode::kNo;
  }
}

std::string ErrorLine(const absl::Status& status) {
  std::string message(absl::StripAsciiWhitespace(status.message()));
  if (message.empty()) message = absl::StatusCodeToString(status.code());
  const absl::string_view advice = Advice(status.code());
  // A message with a semicolon brings its own advice.
  if (!advice.empty() && !absl::StrContains(message, ';')) absl::StrAppend(&message, "; ", advice);
  return absl::StrCat("rollcall: ",
                      absl::StrReplaceAll(message, {{"\r", ""}, {"\n", " "}, {"\t", " "}}));
}

absl::Status CannotWrite() {
  return absl::DataLossError(
      "the answer could not be written to stdout; it may be full or closed, see where it goes");
}

}  // namespace rollcall::cli
