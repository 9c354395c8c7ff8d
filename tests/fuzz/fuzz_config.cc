// The configuration file: from YAML to what the node would run with, and printed and read again.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "server/app/config/rules.h"
#include "server/app/config/settings.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

using config::Effective;

void CheckRefusal(const absl::Status& status) {
  ExpectRefusal(status, absl::StatusCode::kInvalidArgument);
  const absl::string_view message = status.message();
  const bool where = absl::StartsWith(message, "fuzz.yaml:");
  bool option = false;
  for (const config::Option& known : config::AllOptions()) {
    option |= absl::StrContains(message, known.name);
  }
  Expect(where || option, "a refusal says where, or which option");
}

// Of one option, as it is and as it was read again.
void CheckSame(const Effective& one, const Effective& again) {
  Expect(one.option == again.option, "every option is printed");
  Expect(one.value == again.value, "a configuration that was printed reads as the same");
}

}  // namespace

FUZZ_TARGET(config) {
  const auto settings = config::ParseSettings(std::string(input), "fuzz.yaml");
  if (!settings.ok()) return CheckRefusal(settings.status());
  const auto resolved = config::Resolve(*settings);
  if (!resolved.ok()) return CheckRefusal(resolved.status());
  Expect(config::CheckRules(resolved->config).ok(), "what is accepted keeps the rules");
  const auto printed = config::ParseSettings(config::ShowEffective(resolved->effective), "printed");
  Expect(printed.ok(), "what is printed is a configuration file");
  const auto again = config::Resolve(*printed);
  Expect(again.ok(), "and is accepted");
  Expect(again->effective.size() == resolved->effective.size(), "with every option");
  for (size_t i = 0; i < again->effective.size(); ++i) {
    CheckSame(resolved->effective[i], again->effective[i]);
  }
}

}  // namespace rollcall::fuzz
