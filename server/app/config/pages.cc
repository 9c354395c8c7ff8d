#include "server/app/config/pages.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/app/config/options.h"

namespace rollcall::config {
namespace {

constexpr char kUsage[] =
    "rollcalld: one node of the registry.\n\n"
    "usage: rollcalld [--config FILE] [--OPTION VALUE]… [--set OPTION=VALUE]…\n"
    "       rollcalld check-config FILE\n"
    "       rollcalld restore FILE …       make a store of a backup; see rollcalld restore --help\n"
    "       rollcalld migrate …            from one machine to a cluster; see its --help\n\n";

constexpr char kExamples[] =
    "Each option can also stand in the file (OPTION: VALUE), or in the environment as\n"
    "ROLLCALL_OPTION. A flag beats the environment, that beats the file.\n\n"
    "also: --config FILE           read options from a YAML file (or ROLLCALL_CONFIG)\n"
    "      --print-config          print the effective configuration and where each value is from\n"
    "      --print-config-doc, --print-config-reference, --print-metrics-doc\n"
    "                              print the pages of the documentation that are made from tables\n"
    "      --version, --help\n\n"
    "examples:\n"
    "  rollcalld --data /var/lib/rollcall\n"
    "  rollcalld --config /etc/rollcall/rollcalld.yaml --set log-level=debug\n"
    "  rollcalld --listen 0.0.0.0:7400 --tls-cert node.pem --tls-key node.key\n"
    "  rollcalld --listen 127.0.0.1:0 --http 127.0.0.1:0 --ready-file /run/rollcall.json\n";

constexpr char kPageHead[] =
    "# Options of rollcalld\n\n"
    "<!-- Made by `rollcalld --print-config-doc`; the tidy test compares. Do not edit. -->\n\n"
    "Each option can be given as a flag (`--data DIR`, or `--set data=DIR`), in the environment\n"
    "(`ROLLCALL_DATA`), or in the YAML file that `--config` names (`data: DIR`). A flag beats the\n"
    "environment, that beats the file, that beats the default. Unknown names are refused with the\n"
    "nearest one. `rollcalld --print-config` prints what is in force and where each value comes\n"
    "from; `rollcalld check-config FILE` checks a file. `deploy/rollcalld.yaml` has every option,\n"
    "commented out.\n\n"
    "Durations are written `500ms`, `10s`, `1h30m`, `7d`; sizes `4096`, `64MiB`, `1GiB`.\n";

constexpr size_t kWidth = 94;

// `text` in lines of at most kWidth, each after `indent`.
std::string Wrapped(absl::string_view text, const std::string& indent) {
  std::string out = indent;
  size_t column = indent.size();
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (column > indent.size() && column + 1 + word.size() > kWidth) {
      absl::StrAppend(&out, "\n", indent);
      column = indent.size();
    }
    if (column > indent.size()) {
      out += ' ';
      ++column;
    }
    absl::StrAppend(&out, word);
    column += word.size();
  }
  return out + "\n";
}

std::string DefaultAndRange(const Option& option) {
  const std::string range = RangeText(option);
  std::vector<std::string> parts;
  if (*option.default_text != '\0') parts.push_back(absl::StrCat("default ", option.default_text));
  if (!range.empty()) parts.push_back(range);
  return absl::StrJoin(parts, "; ");
}

template <typename Visit>
std::string ByGroup(const Visit& visit) {
  std::string text;
  absl::string_view group;
  for (const Option& option : AllOptions()) {
    visit(option, option.group != group, text);
    group = option.group;
  }
  return text;
}

std::string OrDash(absl::string_view text) {
  return text.empty() ? "–" : absl::StrCat("`", text, "`");
}

}  // namespace

std::string Version() { return ROLLCALL_VERSION; }

std::string HelpText() {
  return kUsage + ByGroup([](const Option& option, bool new_group, std::string& text) {
           if (new_group) absl::StrAppend(&text, option.group, ":\n");
           const std::string detail = DefaultAndRange(option);
           absl::StrAppend(&text, "  --", option.name, " (", TypeWord(option),
                           detail.empty() ? "" : "; ", detail, ")\n",
                           Wrapped(option.help, "      "));
         }) +
         "\n" + kExamples;
}

std::string ConfigPage() {
  return kPageHead + ByGroup([](const Option& option, bool new_group, std::string& text) {
           if (new_group) {
             absl::StrAppend(&text, "\n## ", option.group,
                             "\n\n| option | type | default | allowed | environment | meaning |\n"
                             "|---|---|---|---|---|---|\n");
           }
           const std::string range = RangeText(option);
           absl::StrAppend(&text, "| `", option.name, "` | ", TypeWord(option), " | ",
                           OrDash(option.default_text), " | ", range.empty() ? "–" : range, " | `",
                           EnvironmentName(option), "` | ", option.help, " |\n");
         });
}

std::string ReferenceFile() {
  return "# Every option of rollcalld with its default, commented out. docs/config.md explains.\n"
         "# Made by `rollcalld --print-config-reference`; the tidy test compares.\n" +
         ByGroup([](const Option& option, bool new_group, std::string& text) {
           if (new_group) absl::StrAppend(&text, "\n# --- ", option.group, "\n");
           absl::StrAppend(&text, "\n", Wrapped(option.help, "# "), "#", option.name, ": \"",
                           option.default_text, "\"\n");
         });
}

}  // namespace rollcall::config
