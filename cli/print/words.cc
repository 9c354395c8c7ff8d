#include "cli/print/words.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace rollcall::cli {

std::string StandingWord(v1::Standing standing) {
  if (standing == v1::STANDING_UNSPECIFIED) return "-";
  return std::string(absl::StripPrefix(v1::Standing_Name(standing), "STANDING_"));
}

std::string CausePhrase(v1::Cause cause) {
  if (cause == v1::CAUSE_UNSPECIFIED) return "";
  const std::string name = v1::Cause_Name(cause);
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(name, "CAUSE_")),
                             {{"_", " "}});
}

std::string OverrideWord(v1::OverrideMode mode) {
  if (mode == v1::OVERRIDE_MODE_UNSPECIFIED) return "weight only";
  return std::string(absl::StripPrefix(v1::OverrideMode_Name(mode), "OVERRIDE_MODE_"));
}

std::string KeyText(const v1::InstanceKey& key) {
  const std::string& ns = key.namespace_();
  const std::string prefix = ns.empty() || ns == "default" ? "" : absl::StrCat(ns, ":");
  return absl::StrCat(prefix, key.service(), key.id().empty() ? "" : "/", key.id());
}

v1::InstanceKey KeyOf(const v1::InstanceSpec& spec) {
  v1::InstanceKey key;
  key.set_namespace_(spec.namespace_());
  key.set_service(spec.service());
  key.set_id(spec.id());
  return key;
}

std::string EndpointText(const v1::Endpoint& endpoint) {
  const bool brackets = absl::StrContains(endpoint.address(), ':');
  return absl::StrCat(endpoint.name(), endpoint.name().empty() ? "" : "=", brackets ? "[" : "",
                      endpoint.address(), brackets ? "]" : "", ":", endpoint.port());
}

std::string EndpointsText(const v1::InstanceSpec& spec) {
  if (spec.endpoints().empty()) return "-";
  return absl::StrJoin(spec.endpoints(), ",", [](std::string* out, const v1::Endpoint& endpoint) {
    out->append(EndpointText(endpoint));
  });
}

std::string LocalityText(const v1::Locality& locality) {
  std::vector<std::string> parts = {locality.region(), locality.zone(), locality.sub_zone()};
  while (!parts.empty() && parts.back().empty()) parts.pop_back();
  if (parts.empty()) return "-";
  for (std::string& part : parts) {
    if (part.empty()) part = "-";
  }
  return absl::StrJoin(parts, "/");
}

std::string WhyText(v1::Cause cause, absl::string_view evidence, absl::string_view actor) {
  std::string text = CausePhrase(cause);
  if (!evidence.empty()) absl::StrAppend(&text, text.empty() ? "" : ": ", evidence);
  if (!actor.empty())
    absl::StrAppend(&text, text.empty() ? "by " : " (by ", actor, text.empty() ? "" : ")");
  return text;
}

std::string OrDash(std::string text) { return text.empty() ? "-" : std::move(text); }

std::string Count(uint64_t n, absl::string_view noun) {
  return absl::StrCat(n, " ", noun, n == 1 ? "" : "s");
}

}  // namespace rollcall::cli
