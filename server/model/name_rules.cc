#include "server/model/name_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/model/limits.h"

namespace rollcall {
namespace {

bool IsNameCharacter(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '_' || c == '-';
}

bool IsIdCharacter(char c) { return IsNameCharacter(c) || absl::ascii_isupper(c) || c == ':'; }

absl::Status Check(absl::string_view text, absl::string_view field, bool (*allowed)(char),
                   absl::string_view characters) {
  if (text.empty()) return absl::InvalidArgumentError(absl::StrCat(field, ": must not be empty"));
  if (text.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": ", Quoted(text), " is longer than ", kMaxNameBytes));
  }
  if (!std::all_of(text.begin(), text.end(), allowed)) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": ", Quoted(text), " may hold only ", characters));
  }
  return absl::OkStatus();
}

}  // namespace

std::string Quoted(absl::string_view value) {
  constexpr size_t kShown = 40;
  if (value.size() <= kShown) return absl::StrCat("\"", value, "\"");
  // Between characters: half a one is no UTF-8, and a message that holds it cannot be sent.
  size_t shown = kShown;
  while (shown + 4 > kShown && (value[shown] & 0xc0) == 0x80) --shown;
  return absl::StrCat("\"", value.substr(0, shown), "…\" (", value.size(), " bytes)");
}

absl::Status CheckName(absl::string_view name, absl::string_view field) {
  return Check(name, field, IsNameCharacter, "a-z, 0-9, '.', '_' and '-'");
}

absl::Status CheckId(absl::string_view id, absl::string_view field) {
  return Check(id, field, IsIdCharacter, "A-Z, a-z, 0-9, '.', '_', '-' and ':'");
}

}  // namespace rollcall
