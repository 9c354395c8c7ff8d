// Settings: what was said about options, where, and what follows from it.
//
// A flag beats the environment, that beats the file, that beats the default. Said twice in one
// place is an error, except for `listen`, which adds up. Unknown names are refused with the nearest
// one. Pure but for ReadSettingsFile.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/app/config/config.h"
#include "server/app/config/options.h"

namespace rollcall::config {

// In rising order of precedence.
enum class Source { kDefault, kFile, kEnvironment, kFlag };

struct Setting {
  std::string name;
  std::string value;
  Source source;
  // For people: "rollcalld.yaml:3", "ROLLCALL_DATA", "--data".
  std::string origin;
};

// The option's value, and where it comes from.
struct Effective {
  const Option* option;
  std::string value;
  std::string origin;  // "default" when nobody said anything
};

struct Resolved {
  Config config;
  std::vector<Effective> effective;  // in the order of the table
};

// Largest file that is read.
inline constexpr size_t kMaxSettingsFileBytes = 1 << 20;

// One YAML map of option names to values; a list stands for comma-separated values.
absl::StatusOr<std::vector<Setting>> ReadSettingsFile(const std::string& path);
// `shown` names the text in errors.
absl::StatusOr<std::vector<Setting>> ParseSettings(const std::string& yaml,
                                                   const std::string& shown);

// The settings of the environment. A variable that looks like a mistyped option is reported in
// `warnings`, not refused: others (Kubernetes, the CLI) use the prefix too.
using Environment = std::map<std::string, std::string>;
std::vector<Setting> EnvironmentSettings(const Environment& environment,
                                         std::vector<std::string>& warnings);

// Merges, parses and checks; the error names the option, the value, where it was said and the rule.
absl::StatusOr<Resolved> Resolve(const std::vector<Setting>& settings);

// The effective values as a configuration file with each one's origin as comment.
std::string ShowEffective(const std::vector<Effective>& effective);

}  // namespace rollcall::config
