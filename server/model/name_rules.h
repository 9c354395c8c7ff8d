// What names may look like: one rule for namespaces and services, one for instance ids.
//
// INVALID_ARGUMENT naming the field, the value (cut when long) and the rule. Pure.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace rollcall {

// 1 to kMaxNameBytes of a-z, 0-9, '.', '_' and '-'.
absl::Status CheckName(absl::string_view name, absl::string_view field);
// Ids are often made of host names and ports, so they may also hold A-Z and ':'.
absl::Status CheckId(absl::string_view id, absl::string_view field);
// A value for messages, quoted, and cut when it is long.
std::string Quoted(absl::string_view value);

}  // namespace rollcall
