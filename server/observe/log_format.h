// How a log line looks: as text for people, or as one JSON object for machines.
//
// Text is `message key=value key="two words"`; the time and level stand before it. JSON has the
// keys time, level and message, then the fields, escaped, with broken UTF-8 replaced, so every line
// parses. A field that takes a reserved key gets a "_" at its end.
//
// Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace rollcall::observe {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

// "debug", "info", "warning", "error".
absl::string_view LogLevelWord(LogLevel level);
absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view word);

// One structured value of a line.
struct LogField {
  using Value = std::variant<std::string, int64_t, uint64_t, double, bool>;

  LogField(absl::string_view k, absl::string_view v) : key(k), value(std::string(v)) {}
  LogField(absl::string_view k, const char* v) : key(k), value(std::string(v)) {}
  LogField(absl::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(absl::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  LogField(absl::string_view k, absl::Duration v) : key(k), value(absl::FormatDuration(v)) {}
  LogField(absl::string_view k, const absl::Status& v) : key(k), value(v.ToString()) {}
  LogField(absl::string_view k, double v) : key(k), value(v) {}
  template <std::same_as<bool> T>
  LogField(absl::string_view k, T v) : key(k), value(v) {}
  template <std::signed_integral T>
  LogField(absl::string_view k, T v) : key(k), value(static_cast<int64_t>(v)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) LogField(absl::string_view k, T v)
      : key(k), value(static_cast<uint64_t>(v)) {}
  // Revision, SessionId and their like.
  template <typename T>
  requires requires(const T& t) { t.value(); }
  LogField(absl::string_view k, const T& v) : LogField(k, v.value()) {}

  std::string key;
  Value value;
};
using LogFields = std::initializer_list<LogField>;

std::string FormatText(absl::string_view message, LogFields fields);
std::string FormatJson(absl::Time time, LogLevel level, absl::string_view message,
                       LogFields fields);

}  // namespace rollcall::observe
