#include "cli/print/times.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::cli {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

absl::Status BadDuration(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not a duration; write 30s, 10m, 1h30m or 7d"));
}

// Splits "7d" off the front of "7d12h"; absl knows no days.
bool TakeDays(absl::string_view& text, absl::Duration& total) {
  const size_t d = text.find('d');
  if (d == absl::string_view::npos) return true;
  double days = 0;
  if (!absl::SimpleAtod(text.substr(0, d), &days)) return false;
  total += days * kDay;
  text.remove_prefix(d + 1);
  return true;
}

// The last moment not after now that reads `hour:minute:second` on the wall.
absl::Time LastTimeOfDay(absl::Time parsed, const Look& look) {
  const absl::CivilSecond of_day = absl::ToCivilSecond(parsed, look.zone);
  absl::CivilDay day = absl::ToCivilDay(look.now, look.zone);
  const auto on = [&](absl::CivilDay d) {
    return absl::FromCivil(absl::CivilSecond(d.year(), d.month(), d.day(), of_day.hour(),
                                             of_day.minute(), of_day.second()),
                           look.zone) +
           (parsed - absl::FromCivil(of_day, look.zone));
  };
  return on(day) <= look.now ? on(day) : on(day - 1);
}

absl::StatusOr<absl::Time> ParseMoment(absl::string_view text, const Look& look) {
  std::string error;
  absl::Time time;
  // Abseil takes "infinite-past" for any format.
  const auto parses = [&](const char* format) {
    return absl::ParseTime(format, text, look.zone, &time, &error) && time > absl::InfinitePast() &&
           time < absl::InfiniteFuture();
  };
  for (const char* format : {"%Y-%m-%d%ET%H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%E*S", "%Y-%m-%d %H:%M",
                             "%Y-%m-%d%ET%H:%M:%E*S", "%Y-%m-%d"}) {
    if (parses(format)) return time;
  }
  for (const char* format : {"%H:%M:%E*S", "%H:%M"}) {
    if (parses(format)) return LastTimeOfDay(time, look);
  }
  const auto ago = ParseDuration(absl::StripSuffix(text, " ago"));
  if (ago.ok()) return look.now - *ago;
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text,
      "\" is not a time; write 12:03:05, \"2026-01-31 12:03:05\", RFC 3339, or how long ago: 5m"));
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  absl::string_view rest = text;
  absl::Duration total = absl::ZeroDuration();
  if (text.empty() || !TakeDays(rest, total)) return BadDuration(text);
  absl::Duration tail = absl::ZeroDuration();
  if (!rest.empty() && !absl::ParseDuration(rest, &tail)) return BadDuration(text);
  if (total + tail < absl::ZeroDuration() || total + tail == absl::InfiniteDuration()) {
    return BadDuration(text);
  }
  return total + tail;
}

absl::StatusOr<absl::Time> ParseTime(absl::string_view text, const Look& look) {
  ASSIGN_OR_RETURN(const absl::Time time, ParseMoment(text, look));
  if (time <= look.now) return time;
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is in the future (",
                                                 DateText(time, look.zone),
                                                 "); name a moment that is past"));
}

std::string AgeText(absl::Duration age) {
  if (age < absl::Seconds(1)) return "now";
  if (age < absl::Minutes(2)) return absl::StrCat(absl::ToInt64Seconds(age), "s");
  if (age < absl::Hours(2)) return absl::StrCat(absl::ToInt64Minutes(age), "m");
  if (age < 2 * kDay) return absl::StrCat(absl::ToInt64Hours(age), "h");
  return absl::StrCat(absl::ToInt64Hours(age) / 24, "d");
}

std::string AgoText(absl::Time then, absl::Time now) {
  const std::string age = AgeText(now - then);
  return age == "now" ? age : absl::StrCat(age, " ago");
}

std::string SpanText(absl::Duration span) {
  if (span < absl::ZeroDuration()) span = absl::ZeroDuration();
  if (span < absl::Seconds(1)) return absl::StrCat(absl::ToInt64Milliseconds(span), "ms");
  if (span < absl::Minutes(1)) {
    const std::string text = absl::StrFormat("%.1f", absl::ToDoubleSeconds(span));
    return absl::StrCat(absl::StripSuffix(text, ".0"), "s");
  }
  const auto two = [&](absl::Duration big, const char* name, absl::Duration small,
                       const char* small_name) {
    absl::Duration rest;
    const int64_t n = absl::IDivDuration(span, big, &rest);
    const int64_t m = absl::IDivDuration(rest, small, &rest);
    return m == 0 ? absl::StrCat(n, name) : absl::StrCat(n, name, m, small_name);
  };
  if (span < absl::Hours(1)) return two(absl::Minutes(1), "m", absl::Seconds(1), "s");
  if (span < kDay) return two(absl::Hours(1), "h", absl::Minutes(1), "m");
  return two(kDay, "d", absl::Hours(1), "h");
}

std::string ClockText(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%H:%M:%E3S", time, zone);
}

std::string DateText(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, zone);
}

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::Duration ToSpan(const google::protobuf::Duration& span) {
  return absl::Seconds(span.seconds()) + absl::Nanoseconds(span.nanos());
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  const absl::Duration since = time - absl::UnixEpoch();
  const int64_t seconds = absl::ToInt64Seconds(absl::Floor(since, absl::Seconds(1)));
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(since - absl::Seconds(seconds))));
  return proto;
}

google::protobuf::Duration ToProto(absl::Duration span) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::ToInt64Seconds(span));
  proto.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(span - absl::Seconds(proto.seconds()))));
  return proto;
}

}  // namespace rollcall::cli
