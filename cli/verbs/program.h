// Program: the whole command, from its arguments to its exit code.
//
// Everything of the machine that it needs is handed in, so that a test can run it in its own
// process. Thread-compatible.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/client/interrupt.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"

namespace rollcall::cli {

struct Surroundings {
  std::ostream& out;
  // stderr.
  std::ostream& notes;
  const base::Clock& clock;
  base::Random& random;
  Interrupt& interrupt;
  absl::TimeZone zone = absl::UTCTimeZone();
  // Whether `out` is a terminal that shows colours.
  bool colours = false;
  // user@host.
  std::string actor;
  // Whether `notes` is a terminal, on which a line may be written over.
  bool notes_terminal = false;
};

// `arguments` without the program's name. Returns the exit code.
int RunProgram(const std::vector<std::string>& arguments, Surroundings& surroundings);

}  // namespace rollcall::cli
