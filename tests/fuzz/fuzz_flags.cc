// The command line and the environment: one argument per line, and variables behind "E". Files are
// left out: fuzz_config reads their contents.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/app/config/command_line.h"
#include "server/app/config/rules.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

using config::CommandLine;

bool NamesFile(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  return (absl::StrContains(lower, "config") && !absl::StartsWith(text, "--print-config")) ||
         absl::StrContains(lower, "ready");
}

void CheckAnswer(const config::Answer& answer) {
  if (answer.exit_code == 0) {
    Expect(!answer.out.empty() && answer.err.empty(), "what was asked for is printed");
    return;
  }
  Expect(answer.exit_code == 1 || answer.exit_code == 2, "an exit code is one of those named");
  Expect(answer.out.empty(), "an error is no output");
  Expect(absl::StartsWith(answer.err, "rollcalld: ") && absl::EndsWith(answer.err, "\n"),
         "an error says who speaks");
  Expect(answer.err.size() > sizeof("rollcalld: "), "and what is wrong");
}

}  // namespace

FUZZ_TARGET(flags) {
  std::vector<std::string> arguments;
  config::Environment environment;
  // NUL cannot be part of either.
  const std::string text = std::string(input.substr(0, input.find('\0')));
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (NamesFile(line)) continue;
    const size_t equals = line.find('=');
    if (line[0] == 'E' && equals != absl::string_view::npos) {
      environment[absl::StrCat("ROLLCALL_", line.substr(1, equals - 1))] =
          std::string(line.substr(equals + 1));
    } else {
      arguments.emplace_back(line);
    }
  }
  const CommandLine line = config::ReadCommandLine(arguments, environment);
  if (line.answer) return CheckAnswer(*line.answer);
  Expect(config::CheckRules(line.config).ok(), "what is served keeps the rules");
  Expect(line.effective.size() == config::AllOptions().size(), "every option has a value");
  for (const config::Effective& one : line.effective) {
    config::Config again;
    Expect(config::SetOption(*one.option, one.value, again).ok(), "that is one");
    Expect(config::ShowOption(*one.option, again) == one.value, "and is shown as it is");
  }
}

}  // namespace rollcall::fuzz
