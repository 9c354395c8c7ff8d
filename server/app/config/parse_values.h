// How values are written in flags, files and the environment, and how they are printed again.
//
// Durations: "10s", "1h30m", "7d" (ms, s, m, h, d). Sizes: "64MiB", "1GB", "4096" (bytes). What
// Show… prints, Parse… reads. Errors say what the value should look like, without the option's
// name. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/app/config/address.h"

namespace rollcall::config {

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);
std::string ShowDuration(absl::Duration d);

absl::StatusOr<uint64_t> ParseSize(absl::string_view text);
std::string ShowSize(uint64_t bytes);

// true, yes, on; false, no, off.
absl::StatusOr<bool> ParseBool(absl::string_view text);
absl::StatusOr<uint32_t> ParseNumber(absl::string_view text);

// host:port, [v6]:port.
absl::StatusOr<Address> ParseAddress(absl::string_view text);
// Comma-separated, at least one.
absl::StatusOr<std::vector<Address>> ParseAddresses(absl::string_view text);
std::string ShowAddress(const Address& address);
std::string ShowAddresses(const std::vector<Address>& addresses);

// True for 127.0.0.0/8, ::1 and localhost.
bool IsLoopback(const Address& address);
bool IsIpLiteral(const std::string& host);

}  // namespace rollcall::config
