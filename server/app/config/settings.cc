#include "server/app/config/settings.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client-sdk/base/status_macros.h"
#include "server/app/config/rules.h"

namespace rollcall::config {
namespace {

constexpr char kDefaultOrigin[] = "default";

// Where it was said and which option it is; a flag names its option already.
std::string Place(absl::string_view origin, absl::string_view name) {
  return origin == absl::StrCat("--", name) ? std::string(origin)
                                            : absl::StrCat(origin, ": ", name);
}

absl::Status Refuse(absl::string_view origin, absl::string_view name, absl::string_view value,
                    absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat(Place(origin, name), ": \"", value, "\" ", rule));
}

absl::Status UnknownOption(const Setting& setting) {
  const std::string nearest = NearestOption(setting.name);
  return absl::InvalidArgumentError(
      absl::StrCat(setting.origin, ": there is no option \"", setting.name, "\"",
                   nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?")));
}

bool AddsUp(const Option& option) {
  return std::holds_alternative<std::vector<Address> Config::*>(option.member);
}

// The setting that counts for `option`, merged if it was said several times; nullopt: the default.
absl::StatusOr<std::optional<Setting>> Decide(const Option& option,
                                              const std::vector<Setting>& settings) {
  std::optional<Setting> best;
  for (const Setting& setting : settings) {
    if (setting.name != option.name || (best && setting.source < best->source)) continue;
    if (!best || best->source < setting.source) {
      best = setting;
    } else if (AddsUp(option)) {
      absl::StrAppend(&best->value, ",", setting.value);
    } else if (best->value != setting.value) {
      return absl::InvalidArgumentError(absl::StrCat(Place(setting.origin, option.name),
                                                     ": given twice, \"", best->value, "\" and \"",
                                                     setting.value, "\""));
    }
  }
  return best;
}

// Whether `text` names the option: the word alone, not as a part of another ("http" of "http://").
bool Names(absl::string_view text, absl::string_view option) {
  const auto in_word = [](char c) { return absl::ascii_isalnum(c) || c == '-'; };
  for (size_t at = text.find(option); at != absl::string_view::npos;
       at = text.find(option, at + 1)) {
    const absl::string_view rest = text.substr(at + option.size());
    const bool starts = at == 0 || !in_word(text[at - 1]);
    if (starts && (rest.empty() || !in_word(rest[0])) && !absl::StartsWith(rest, "://"))
      return true;
  }
  return false;
}

// A rule may concern several options: with it goes where each that it names was said.
absl::Status WithOrigins(const absl::Status& broken, const std::vector<Effective>& effective) {
  std::vector<std::string> places;
  for (const Effective& one : effective) {
    if (one.origin == kDefaultOrigin || !Names(broken.message(), one.option->name)) continue;
    places.push_back(absl::StrCat(one.option->name, " by ", one.origin));
  }
  if (places.empty()) return broken;
  return absl::Status(
      broken.code(),
      absl::StrCat(broken.message(), " (set here: ", absl::StrJoin(places, ", "), ")"));
}

// As YAML reads it again.
std::string Quoted(absl::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&text, "\\", absl::string_view(&c, 1));
    } else if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppend(&text, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    } else {
      text += c;
    }
  }
  return text + "\"";
}

}  // namespace

std::vector<Setting> EnvironmentSettings(const Environment& environment,
                                         std::vector<std::string>& warnings) {
  std::vector<Setting> settings;
  for (const auto& [variable, value] : environment) {
    absl::string_view rest = variable;
    if (!absl::StartsWith(rest, "ROLLCALL_")) continue;
    rest.remove_prefix(9);
    const std::string name = absl::StrReplaceAll(absl::AsciiStrToLower(rest), {{"_", "-"}});
    if (name == "config" || name == "server" || name == "namespace") continue;
    if (FindOption(name) != nullptr) {
      settings.push_back({name, value, Source::kEnvironment, variable});
    } else if (const std::string nearest = NearestOption(name); !nearest.empty()) {
      warnings.push_back(absl::StrCat(variable, " is not an option and is ignored; did you mean ",
                                      EnvironmentName(*FindOption(nearest)), "?"));
    }
  }
  return settings;
}

absl::StatusOr<Resolved> Resolve(const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) {
    if (FindOption(setting.name) == nullptr) return UnknownOption(setting);
  }
  Resolved resolved;
  for (const Option& option : AllOptions()) {
    ASSIGN_OR_RETURN(const std::optional<Setting> said, Decide(option, settings));
    const std::string text = said ? said->value : option.default_text;
    const std::string origin = said ? said->origin : kDefaultOrigin;
    if (const absl::Status set = SetOption(option, text, resolved.config); !set.ok()) {
      return Refuse(origin, option.name, text, set.message());
    }
    resolved.effective.push_back({&option, ShowOption(option, resolved.config), origin});
  }
  if (const absl::Status rules = CheckRules(resolved.config); !rules.ok()) {
    return WithOrigins(rules, resolved.effective);
  }
  return resolved;
}

std::string ShowEffective(const std::vector<Effective>& effective) {
  std::string text;
  for (const Effective& one : effective) {
    std::string line = absl::StrCat(one.option->name, ": ", Quoted(one.value));
    line.resize(std::max<size_t>(line.size() + 2, 40), ' ');
    absl::StrAppend(&text, line, "# ", one.origin, "\n");
  }
  return text;
}

}  // namespace rollcall::config
