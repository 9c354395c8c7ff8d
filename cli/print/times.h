// Times and durations: as people type them, and as they read them.
//
// Pure: "now" and the time zone are arguments.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/print/look.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace rollcall::cli {

// "500ms", "90s", "1h30m", "7d". INVALID_ARGUMENT naming what is wrong; never negative.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);
// A moment not after `look.now`, else INVALID_ARGUMENT: RFC 3339, "2026-01-31 12:03:05", "12:03:05"
// or "12:03" (the last such moment), or how long ago ("5m", "5m ago").
absl::StatusOr<absl::Time> ParseTime(absl::string_view text, const Look& look);

// One number and one unit, for columns: "now", "3s", "12m", "4h", "9d".
std::string AgeText(absl::Duration age);
// "3s ago", or "now" for less than a second.
std::string AgoText(absl::Time then, absl::Time now);
// For sentences: "120ms", "3.2s", "2m5s", "3h20m", "4d2h".
std::string SpanText(absl::Duration span);
// "12:03:05.120".
std::string ClockText(absl::Time time, absl::TimeZone zone);
// "2026-01-31 12:03:05".
std::string DateText(absl::Time time, absl::TimeZone zone);

absl::Time ToTime(const google::protobuf::Timestamp& time);
absl::Duration ToSpan(const google::protobuf::Duration& span);
google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration span);

}  // namespace rollcall::cli
