// Every option, once: its name, type, default, range and meaning. The same name serves as flag
// (--name value), as key of the file and of --set (name=value), and as environment variable
// (ROLLCALL_NAME, dashes as underscores). docs/config.md and deploy/rollcalld.yaml are made from
// this table.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/app/config/config.h"

namespace rollcall::config {

struct Option {
  // Where the value goes; its type says how it is written. uint64_t is a size in bytes.
  using Member =
      std::variant<std::string Config::*, bool Config::*, uint32_t Config::*, uint64_t Config::*,
                   absl::Duration Config::*, Address Config::*, std::vector<Address> Config::*>;

  const char* group;
  const char* name;
  Member member;
  const char* default_text;
  const char* least;    // "" for no bound
  const char* most;     // "" for no bound
  const char* choices;  // comma-separated; "" for any
  const char* help;
};

absl::Span<const Option> AllOptions();
// Null if there is none.
const Option* FindOption(absl::string_view name);
// The option nearest to a mistyped name by edit distance, or "" when none is near.
std::string NearestOption(absl::string_view name);

// "duration", "size", …
std::string TypeWord(const Option& option);
// "1s to 10m", "embedded", or "".
std::string RangeText(const Option& option);
// ROLLCALL_LOG_LEVEL for log-level.
std::string EnvironmentName(const Option& option);

// Parses, checks the range and stores. The error is without the option's name.
absl::Status SetOption(const Option& option, absl::string_view text, Config& config);
std::string ShowOption(const Option& option, const Config& config);

Config DefaultConfig();

}  // namespace rollcall::config
