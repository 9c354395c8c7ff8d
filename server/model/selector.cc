#include "server/model/selector.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/model/limits.h"

namespace rollcall {
namespace {

absl::Status Refuse(absl::string_view part, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "selector: \"", part, "\" ", why,
      "; use key=value or key!=value joined by commas, with the keys version, region, zone, "
      "sub_zone and meta.<name>"));
}

bool KnownKey(absl::string_view key) {
  return key == "version" || key == "region" || key == "zone" || key == "sub_zone" ||
         (absl::StartsWith(key, "meta.") && key.size() > 5);
}

absl::string_view ValueOf(const v1::InstanceSpec& spec, const std::string& key) {
  if (key == "version") return spec.version();
  if (key == "region") return spec.locality().region();
  if (key == "zone") return spec.locality().zone();
  if (key == "sub_zone") return spec.locality().sub_zone();
  const auto at = spec.metadata().find(key.substr(5));
  return at == spec.metadata().end() ? absl::string_view() : absl::string_view(at->second);
}

}  // namespace

absl::StatusOr<Selector> Selector::Parse(absl::string_view text) {
  Selector selector;
  if (text.size() > kMaxSelectorBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("selector: ", text.size(), " bytes is over the limit of ", kMaxSelectorBytes));
  }
  if (absl::StripAsciiWhitespace(text).empty()) return selector;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    part = absl::StripAsciiWhitespace(part);
    const size_t sign = part.find('=');
    if (sign == absl::string_view::npos) return Refuse(part, "has no =");
    const bool equal = sign == 0 || part[sign - 1] != '!';
    absl::string_view key = part.substr(0, equal ? sign : sign - 1);
    key = absl::StripAsciiWhitespace(key);
    if (!KnownKey(key)) return Refuse(part, "has an unknown key");
    const absl::string_view value = absl::StripAsciiWhitespace(part.substr(sign + 1));
    selector.terms_.push_back({std::string(key), std::string(value), equal});
  }
  std::sort(selector.terms_.begin(), selector.terms_.end());
  const auto print = [](std::string* out, const Term& term) {
    // Or "a! =b" would be told as "a!=b", and share its answers.
    const absl::string_view is = absl::EndsWith(term.key, "!") ? " =" : "=";
    absl::StrAppend(out, term.key, term.equal ? is : "!=", term.value);
  };
  selector.canonical_ = absl::StrJoin(selector.terms_, ",", print);
  return selector;
}

bool Selector::Matches(const v1::InstanceSpec& spec) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    return (ValueOf(spec, term.key) == term.value) == term.equal;
  });
}

}  // namespace rollcall
