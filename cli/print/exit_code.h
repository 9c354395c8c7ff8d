// What the program says when it ends: its exit code, and one line for an error.
//
// Pure.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace rollcall::cli {

enum class ExitCode {
  kDone = 0,
  kNo = 1,  // not found, not healthy, not now
  kWrongUse = 2,
  kUnreachable = 3,
  kNotPermitted = 4,
};

ExitCode ExitCodeOf(const absl::Status& status);
// "rollcall: …", one line without its newline, that says what went wrong and what to do.
std::string ErrorLine(const absl::Status& status);
// The answer could not be written to stdout.
absl::Status CannotWrite();

}  // namespace rollcall::cli
