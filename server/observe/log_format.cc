#include "server/observe/log_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace rollcall::observe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<LogLevel, const char*>, 4> kLevels = {{
    {LogLevel::kDebug, "debug"},
    {LogLevel::kInfo, "info"},
    {LogLevel::kWarning, "warning"},
    {LogLevel::kError, "error"},
}};

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

Json ToJson(const LogField::Value& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

bool NeedsQuotes(const std::string& text) {
  return text.empty() || std::any_of(text.begin(), text.end(), [](unsigned char c) {
           return c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f;
         });
}

std::string TextValue(const LogField::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && !NeedsQuotes(*text)) return *text;
  return Dump(ToJson(value));
}

// A message or field from outside must not be able to start a line of its own.
std::string OneLine(absl::string_view message) {
  std::string line(message);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line;
}

}  // namespace

absl::string_view LogLevelWord(LogLevel level) {
  for (const auto& [known, word] : kLevels) {
    if (known == level) return word;
  }
  return "info";
}

absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view word) {
  for (const auto& [level, known] : kLevels) {
    if (word == known) return level;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", word, "\" is not one of debug, info, warning, error"));
}

std::string FormatText(absl::string_view message, LogFields fields) {
  std::string line = OneLine(message);
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", field.key, "=", TextValue(field.value));
  }
  return line;
}

std::string FormatJson(absl::Time time, LogLevel level, absl::string_view message,
                       LogFields fields) {
  Json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
  line["level"] = std::string(LogLevelWord(level));
  line["message"] = std::string(message);
  for (const LogField& field : fields) {
    const bool reserved = field.key == "time" || field.key == "level" || field.key == "message";
    line[reserved ? field.key + "_" : field.key] = ToJson(field.value);
  }
  return Dump(line);
}

}  // namespace rollcall::observe
