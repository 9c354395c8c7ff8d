// The language of selectors.
#include <string>

#include "absl/strings/match.h"
#include "server/model/limits.h"
#include "server/model/selector.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

v1::InstanceSpec SpecFrom(Bytes& bytes) {
  v1::InstanceSpec spec;
  spec.set_version(bytes.Part());
  spec.mutable_locality()->set_region(bytes.Part());
  spec.mutable_locality()->set_zone(bytes.Part());
  const std::string key = bytes.Part();
  (*spec.mutable_metadata())[key] = bytes.Part();
  return spec;
}

}  // namespace

FUZZ_TARGET(selector) {
  Bytes bytes(input);
  const v1::InstanceSpec spec = bytes.Bit() ? SpecFrom(bytes) : v1::InstanceSpec();
  const std::string text = bytes.Rest();
  const absl::StatusOr<Selector> selector = Selector::Parse(text);
  if (!selector.ok()) {
    ExpectRefusal(selector.status(), absl::StatusCode::kInvalidArgument);
    Expect(absl::StartsWith(selector.status().message(), "selector: "), "it names the field");
    Expect(selector.status().message().size() < kMaxSelectorBytes + 300, "a refusal is short");
    return Expect(!IsUtf8(text) || IsUtf8(selector.status().message()), "and can be sent");
  }
  Expect(text.size() <= kMaxSelectorBytes, "an accepted selector is within its limit");
  Expect(selector->canonical().size() <= text.size(), "canonical is not longer than given");
  Expect(selector->matches_all() == selector->canonical().empty(), "nothing said matches all");
  const absl::StatusOr<Selector> again = Selector::Parse(selector->canonical());
  Expect(again.ok(), "what is canonical is a selector");
  Expect(again->canonical() == selector->canonical(), "and canonical already");
  Expect(again->Matches(spec) == selector->Matches(spec), "and matches the same");
  Expect(!selector->matches_all() || selector->Matches(spec), "all matches anything");
}

}  // namespace rollcall::fuzz
