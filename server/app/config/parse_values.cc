#include "server/app/config/parse_values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::config {
namespace {

struct SizeUnit {
  const char* name;
  uint64_t bytes;
};
// The binary ones first and the largest first: that is how sizes are printed.
constexpr SizeUnit kSizeUnits[] = {
    {"TiB", uint64_t{1} << 40},
    {"GiB", uint64_t{1} << 30},
    {"MiB", uint64_t{1} << 20},
    {"KiB", uint64_t{1} << 10},
    {"TB", 1'000'000'000'000},
    {"GB", 1'000'000'000},
    {"MB", 1'000'000},
    {"kB", 1'000},
    {"B", 1},
};
constexpr size_t kBinaryUnits = 4;

absl::Status BadDuration() {
  return absl::InvalidArgumentError("is not a duration such as 500ms, 10s, 5m, 1h30m or 7d");
}
absl::Status BadSize() {
  return absl::InvalidArgumentError("is not a size such as 4096, 64MiB or 1GiB");
}
absl::Status BadAddress() {
  return absl::InvalidArgumentError(
      "is not an address such as 127.0.0.1:7400, [::1]:7400 or localhost:0");
}

absl::string_view TakeDigits(absl::string_view& text) {
  size_t n = 0;
  while (n < text.size() && absl::ascii_isdigit(text[n])) ++n;
  const absl::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  if (text == "0") return absl::ZeroDuration();
  // Abseil knows ms, s, m and h, fractions and sums; days are ours and come first.
  constexpr int kMostDays = 36500;
  absl::Duration days = absl::ZeroDuration();
  absl::string_view rest = text;
  const absl::string_view digits = TakeDigits(rest);
  if (int64_t n = 0; absl::StartsWith(rest, "d") && absl::SimpleAtoi(digits, &n)) {
    if (n > kMostDays) return BadDuration();
    days = absl::Hours(24 * n);
    rest.remove_prefix(1);
    if (rest.empty()) return days;
  } else {
    rest = text;
  }
  absl::Duration parsed;
  const bool starts_well = !rest.empty() && (absl::ascii_isdigit(rest[0]) || rest[0] == '.');
  if (!starts_well || !absl::ParseDuration(rest, &parsed)) return BadDuration();
  // So much also without "d", or what is shown could not be read.
  if (days + parsed > absl::Hours(24 * kMostDays)) return BadDuration();
  return days + parsed;
}

std::string ShowDuration(absl::Duration d) {
  const absl::Duration day = absl::Hours(24);
  if (d < day) return absl::FormatDuration(d);
  absl::Duration rest;
  const int64_t days = absl::IDivDuration(d, day, &rest);
  return absl::StrCat(days, "d", rest == absl::ZeroDuration() ? "" : absl::FormatDuration(rest));
}

absl::StatusOr<uint64_t> ParseSize(absl::string_view text) {
  absl::string_view unit = text;
  uint64_t count = 0;
  if (!absl::SimpleAtoi(TakeDigits(unit), &count)) return BadSize();
  if (unit.empty()) return count;
  for (const SizeUnit& known : kSizeUnits) {
    if (!absl::EqualsIgnoreCase(unit, known.name)) continue;
    if (count > std::numeric_limits<uint64_t>::max() / known.bytes) return BadSize();
    return count * known.bytes;
  }
  return BadSize();
}

std::string ShowSize(uint64_t bytes) {
  for (size_t i = 0; i < kBinaryUnits; ++i) {
    const SizeUnit& unit = kSizeUnits[i];
    if (bytes >= unit.bytes && bytes % unit.bytes == 0) {
      return absl::StrCat(bytes / unit.bytes, unit.name);
    }
  }
  return absl::StrCat(bytes);
}

absl::StatusOr<bool> ParseBool(absl::string_view text) {
  const std::string word = absl::AsciiStrToLower(text);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  return absl::InvalidArgumentError("is neither true nor false");
}

absl::StatusOr<uint32_t> ParseNumber(absl::string_view text) {
  uint32_t number = 0;
  absl::string_view rest = text;
  if (!absl::SimpleAtoi(TakeDigits(rest), &number) || !rest.empty()) {
    return absl::InvalidArgumentError("is not a whole number");
  }
  return number;
}

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return BadAddress();
  absl::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // An IPv6 address needs its brackets, or its last group would be the port.
  if (host.empty() || host.find_first_of("[] ") != absl::string_view::npos) return BadAddress();
  if (absl::StrContains(host, ":") != bracketed) return BadAddress();
  // A NUL, of a file, would hide what follows it from whoever looks whether this is loopback.
  if (std::any_of(host.begin(), host.end(), absl::ascii_iscntrl)) return BadAddress();
  absl::string_view digits = text.substr(colon + 1);
  uint32_t port = 0;
  if (!absl::SimpleAtoi(TakeDigits(digits), &port) || !digits.empty() || port > 65535) {
    return BadAddress();
  }
  return Address{std::string(host), static_cast<uint16_t>(port)};
}

absl::StatusOr<std::vector<Address>> ParseAddresses(absl::string_view text) {
  std::vector<Address> addresses;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    ASSIGN_OR_RETURN(Address address, ParseAddress(absl::StripAsciiWhitespace(part)));
    addresses.push_back(std::move(address));
  }
  return addresses;
}

std::string ShowAddress(const Address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return v6 ? absl::StrCat("[", address.host, "]:", address.port)
            : absl::StrCat(address.host, ":", address.port);
}

std::string ShowAddresses(const std::vector<Address>& addresses) {
  return absl::StrJoin(addresses, ",", [](std::string* out, const Address& address) {
    out->append(ShowAddress(address));
  });
}

bool IsLoopback(const Address& address) {
  if (address.host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, address.host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, address.host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool IsIpLiteral(const std::string& host) {
  in_addr v4{};
  in6_addr v6{};
  return inet_pton(AF_INET, host.c_str(), &v4) == 1 || inet_pton(AF_INET6, host.c_str(), &v6) == 1;
}

}  // namespace rollcall::config
