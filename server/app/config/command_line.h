// CommandLine: what rollcalld was asked to do.
//
// Reads flags, environment and file, and returns either an answer to print (help, version, an
// error, …) or the configuration to run with. Prints and exits nothing itself; the only file it
// reads is the configuration's. Of what it would serve with, only the ready file's place is looked
// at.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/app/config/config.h"
#include "server/app/config/settings.h"

namespace rollcall::config {

// Print and exit.
struct Answer {
  int exit_code = 0;
  std::string out;  // for stdout
  std::string err;  // for stderr
};

struct CommandLine {
  // Set: there is nothing to serve.
  std::optional<Answer> answer;
  Config config;
  std::vector<Effective> effective;
  // For the log, once there is one.
  std::vector<std::string> warnings;
};

// `arguments` without the program's name.
CommandLine ReadCommandLine(std::vector<std::string> arguments, const Environment& environment);

// The process's own, as far as it concerns Rollcall (ROLLCALL_…).
Environment ProcessEnvironment();

}  // namespace rollcall::config
