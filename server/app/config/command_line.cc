#include "server/app/config/command_line.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client-sdk/base/status_macros.h"
#include "server/app/config/pages.h"
#include "server/app/config/ready_place.h"
#include "server/observe/metric_names.h"

namespace rollcall::config {
namespace {

constexpr int kNo = 1;
constexpr int kWrongUse = 2;

Answer Error(int exit_code, absl::string_view message) {
  return {exit_code, "", absl::StrCat("rollcalld: ", message, "\n")};
}

// The flags, as CLI11 sees them.
class Parser {
 public:
  Parser() {
    app_.set_help_flag("");
    app_.allow_extras();
    app_.add_flag("--help,-h", help_);
    app_.add_flag("--version", version_);
    app_.add_flag("--print-config", print_config_);
    app_.add_flag("--print-config-doc", print_config_doc_);
    app_.add_flag("--print-config-reference", print_reference_);
    app_.add_flag("--print-metrics-doc", print_metrics_doc_);
    app_.add_option("--config", config_file_);
    Repeatable(app_.add_option("--set", sets_));
    for (const Option& option : AllOptions()) AddOption(option);
    check_ = app_.add_subcommand("check-config");
    check_->add_option("FILE", check_file_)->required();
  }

  absl::Status Parse(std::vector<std::string> arguments) {
    RETURN_IF_ERROR(CheckValues(arguments));
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      return absl::InvalidArgumentError(error.what());
    }
    const std::vector<std::string> left = app_.remaining();
    return left.empty() ? absl::OkStatus() : Unexpected(left.front());
  }

  // What is printed without looking at the configuration.
  std::optional<Answer> Page() const {
    if (help_) return Answer{0, HelpText(), ""};
    if (version_) return Answer{0, absl::StrCat("rollcalld ", Version(), "\n"), ""};
    if (print_config_doc_) return Answer{0, ConfigPage(), ""};
    if (print_reference_) return Answer{0, ReferenceFile(), ""};
    if (print_metrics_doc_) return Answer{0, observe::MetricsPage(), ""};
    return std::nullopt;
  }

  absl::StatusOr<std::vector<Setting>> Settings() const {
    std::vector<Setting> settings;
    for (const auto& [option, flag] : flags_) {
      for (const std::string& value : flag->results()) {
        settings.push_back({option->name, value, Source::kFlag, absl::StrCat("--", option->name)});
      }
    }
    for (const std::string& set : sets_) {
      const size_t equals = set.find('=');
      if (equals == std::string::npos) {
        return absl::InvalidArgumentError(absl::StrCat("--set: \"", set, "\" is not OPTION=VALUE"));
      }
      settings.push_back({set.substr(0, equals), set.substr(equals + 1), Source::kFlag, "--set"});
    }
    return settings;
  }

  const std::string& config_file() const { return config_file_; }
  bool checks() const { return check_->parsed(); }
  const std::string& check_file() const { return check_file_; }
  bool prints_config() const { return print_config_; }

 private:
  // Given several times with one value each, and never eats what follows.
  static void Repeatable(CLI::Option* option) { option->expected(1, 64)->allow_extra_args(false); }

  void AddOption(const Option& option) {
    const std::string flag = absl::StrCat("--", option.name);
    if (std::holds_alternative<bool Config::*>(option.member)) {
      flags_.emplace_back(&option, app_.add_flag(flag));
    } else {
      flags_.emplace_back(&option, app_.add_option(flag));
      Repeatable(flags_.back().second);
    }
  }

  // How many values follow the flag: 0 or 1. nullopt: not one of ours.
  std::optional<int> ValuesAfter(const std::string& flag) const {
    if (!absl::StartsWith(flag, "--")) return std::nullopt;
    const CLI::Option* option = app_.get_option_no_throw(flag);
    if (option == nullptr) return std::nullopt;
    return option->get_items_expected_min();
  }

  // Every flag that takes a value has one. CLI11 would take the next flag for it.
  absl::Status CheckValues(const std::vector<std::string>& arguments) const {
    for (auto at = arguments.begin(); at != arguments.end(); ++at) {
      const std::string flag(absl::StripSuffix(*at, "="));
      const std::optional<int> values = ValuesAfter(flag);
      if (!values) continue;
      bool missing = flag != *at;  // "--data="
      if (!missing && *values > 0) {
        missing = ++at == arguments.end() || absl::StartsWith(*at, "--");
      }
      if (missing) return absl::InvalidArgumentError(absl::StrCat(flag, " needs a value"));
    }
    return absl::OkStatus();
  }

  static absl::Status Unexpected(const std::string& argument) {
    if (!absl::StartsWith(argument, "-")) {
      return absl::InvalidArgumentError(absl::StrCat("unexpected \"", argument, "\""));
    }
    const size_t start = argument.find_first_not_of('-');
    const std::string name =
        start == std::string::npos ? "" : argument.substr(start, argument.find('=') - start);
    const std::string nearest = NearestOption(name);
    return absl::InvalidArgumentError(
        absl::StrCat("there is no option \"", argument, "\"",
                     nearest.empty() ? "" : absl::StrCat("; did you mean \"--", nearest, "\"?")));
  }

  CLI::App app_;
  CLI::App* check_ = nullptr;
  std::vector<std::pair<const Option*, CLI::Option*>> flags_;
  std::vector<std::string> sets_;
  std::string config_file_;
  std::string check_file_;
  bool help_ = false;
  bool version_ = false;
  bool print_config_ = false;
  bool print_config_doc_ = false;
  bool print_reference_ = false;
  bool print_metrics_doc_ = false;
};

absl::StatusOr<Resolved> Gather(const Parser& parser, const Environment& environment,
                                std::vector<std::string>& warnings) {
  ASSIGN_OR_RETURN(std::vector<Setting> settings, parser.Settings());
  const auto from_environment = EnvironmentSettings(environment, warnings);
  settings.insert(settings.end(), from_environment.begin(), from_environment.end());
  std::string file = parser.config_file();
  const auto named = environment.find("ROLLCALL_CONFIG");
  if (file.empty() && named != environment.end()) file = named->second;
  if (!file.empty()) {
    ASSIGN_OR_RETURN(const auto from_file, ReadSettingsFile(file));
    settings.insert(settings.end(), from_file.begin(), from_file.end());
  }
  return Resolve(settings);
}

Answer CheckFile(const std::string& path) {
  const auto settings = ReadSettingsFile(path);
  if (!settings.ok()) return Error(kNo, settings.status().message());
  const auto resolved = Resolve(*settings);
  if (!resolved.ok()) return Error(kNo, resolved.status().message());
  return {0, absl::StrCat(path, ": ok\n"), ""};
}

}  // namespace

CommandLine ReadCommandLine(std::vector<std::string> arguments, const Environment& environment) {
  CommandLine line;
  Parser parser;
  if (const absl::Status parsed = parser.Parse(std::move(arguments)); !parsed.ok()) {
    line.answer = Error(kWrongUse, absl::StrCat(parsed.message(), "; see rollcalld --help"));
    return line;
  }
  line.answer = parser.Page();
  if (line.answer) return line;
  if (parser.checks()) {
    line.answer = CheckFile(parser.check_file());
    return line;
  }
  auto resolved = Gather(parser, environment, line.warnings);
  if (!resolved.ok()) {
    line.answer = Error(kWrongUse, resolved.status().message());
    return line;
  }
  line.config = std::move(resolved->config);
  line.effective = std::move(resolved->effective);
  if (parser.prints_config()) {
    line.answer = Answer{0, ShowEffective(line.effective), ""};
  } else if (const absl::Status ready = CheckReadyPlace(line.config); !ready.ok()) {
    line.answer = Error(kWrongUse, ready.message());
  }
  return line;
}

Environment ProcessEnvironment() {
  Environment environment;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string entry = *at;
    const size_t equals = entry.find('=');
    if (equals == std::string::npos || !absl::StartsWith(entry, "ROLLCALL_")) continue;
    environment[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return environment;
}

}  // namespace rollcall::config
