// Look: what the text of an answer depends on besides the answer.
//
// A value; pure formatters take it instead of reading a clock, a time zone or the terminal.
#pragma once

#include "absl/time/time.h"

namespace rollcall::cli {

struct Look {
  absl::Time now;
  absl::TimeZone zone = absl::UTCTimeZone();
  bool colours = false;
  // More columns.
  bool wide = false;
};

}  // namespace rollcall::cli
