#include "cli/verbs/program.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/print/exit_code.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/verb.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::cli {
namespace {

struct GlobalOptions {
  std::string server = "127.0.0.1:7400";
  std::string ns = "default";
  std::string output = "table";
  std::string timeout;
  TlsFiles tls;
};

void AddGlobalOptions(CLI::App& app, GlobalOptions& o) {
  app.add_option("--server", o.server, "host:port[,host:port…]; the next when one is unreachable")
      ->envname("ROLLCALL_SERVER")
      ->capture_default_str();
  app.add_option("-n,--namespace", o.ns,
                 "The namespace; '*' for all, with services, override list and watch")
      ->capture_default_str();
  app.add_option("-o,--output", o.output, "table, wide, json or yaml")->capture_default_str();
  app.add_option("--timeout", o.timeout, "Longest wait for an answer; default 5s");
  app.add_option("--tls-ca", o.tls.ca, "Certificates that sign the registry's; turns TLS on");
  app.add_option("--tls-cert", o.tls.cert, "This client's certificate chain");
  app.add_option("--tls-key", o.tls.key, "The key of --tls-cert");
  app.add_option("--tls-server-name", o.tls.server_name, "Name expected in its certificate");
  app.set_version_flag("--version", "rollcall " ROLLCALL_VERSION, "Print the version");
}

std::string Footer(const Verb& verb) {
  std::string text = "Examples:";
  for (absl::string_view line : absl::StrSplit(verb.examples, '\n')) {
    absl::StrAppend(&text, "\n  rollcall ", line);
  }
  return absl::StrCat(text, "\n\nOptions for every verb: rollcall --help");
}

absl::StatusOr<Format> ParseFormat(const std::string& text) {
  if (text == "table") return Format::kTable;
  if (text == "wide") return Format::kWide;
  if (text == "json") return Format::kJson;
  if (text == "yaml") return Format::kYaml;
  return absl::InvalidArgumentError(
      absl::StrCat("-o: \"", text, "\" is no format; write table, wide, json or yaml"));
}

// Edits that make `b` of `a`.
size_t Distance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

absl::Status NoSuchVerb(absl::string_view word) {
  const auto verbs = Verbs();
  const auto nearest =
      std::min_element(verbs.begin(), verbs.end(), [&](const Verb& a, const Verb& b) {
        return Distance(word, a.name) < Distance(word, b.name);
      });
  const bool near = Distance(word, nearest->name) <= 2;
  return absl::InvalidArgumentError(
      absl::StrCat("there is no verb \"", word, "\"; ", near ? "did you mean " : "see ",
                   near ? nearest->name : "'rollcall --help'", near ? "?" : ""));
}

struct Typed {
  const CLI::App* verb;
  std::string text;
};

// The verb (and its own verb) that was being parsed, and as it is typed.
Typed WhatWasTyped(const CLI::App& app) {
  Typed typed{&app, "rollcall"};
  while (!typed.verb->get_subcommands().empty()) {
    typed.verb = typed.verb->get_subcommands().front();
    absl::StrAppend(&typed.text, " ", typed.verb->get_name());
  }
  return typed;
}

// What an option takes, by the name CLI11 has for its type.
std::string WhatItTakes(const CLI::Option* option) {
  const std::string type = option == nullptr ? "" : option->get_type_name();
  if (type == "UINT") return "a whole number, 0 or more";
  if (type == "FLOAT") return "a number";
  if (type == "BOOLEAN") return "true or false";
  return "a value of its type";
}

// CLI11 says "Could not convert: --limit = x", not what would do.
std::string NotConverted(const CLI::App& verb, absl::string_view error) {
  if (!absl::ConsumePrefix(&error, "Could not convert: ")) return std::string(error);
  const std::pair<std::string, std::string> given =
      absl::StrSplit(error, absl::MaxSplits(" = ", 1));
  return absl::StrCat(given.first, ": \"", given.second, "\" is not ",
                      WhatItTakes(verb.get_option_no_throw(given.first)));
}

absl::Status WrongUse(const CLI::App& app, const CLI::ParseError& error) {
  const auto& [verb, typed] = WhatWasTyped(app);
  const auto see = absl::StrCat("; see '", typed, " --help'");
  const std::vector<std::string> rest = app.remaining(true);
  const bool top = app.get_subcommands().empty();
  if (error.get_name() == "RequiredError" && absl::StrContains(error.what(), "subcommand")) {
    if (rest.empty()) return absl::InvalidArgumentError(absl::StrCat("a verb is missing", see));
    if (top && rest.front().front() != '-') return NoSuchVerb(rest.front());
    return absl::InvalidArgumentError(
        absl::StrCat("'", typed, "' does not know \"", rest.front(), "\"", see));
  }
  return absl::InvalidArgumentError(absl::StrCat(NotConverted(*verb, error.what()), see));
}

// The parsed command.
struct Command {
  CLI::App app{"Asks a Rollcall registry: who is there, who is well, and why.", "rollcall"};
  GlobalOptions options;
  std::vector<std::pair<CLI::App*, Action>> actions;

  Command() {
    app.fallthrough();  // global options are accepted after the verb too
    app.require_subcommand(1);
    app.get_formatter()->label("SUBCOMMAND", "VERB");
    AddGlobalOptions(app, options);
    for (const Verb& verb : Verbs()) {
      CLI::App* sub = app.add_subcommand(verb.name, verb.summary);
      sub->footer(Footer(verb));
      sub->group("Verbs");
      actions.emplace_back(sub, verb.configure(*sub));
      for (CLI::App* inner : sub->get_subcommands([](const CLI::App*) { return true; })) {
        inner->group("Verbs");
      }
    }
    app.footer(
        "'rollcall VERB --help' tells more, with examples.\nExit codes: 0 done, 1 the "
        "answer is no, 2 wrong use, 3 registry unreachable, 4 not permitted.");
  }
};

absl::StatusOr<ExitCode> Act(Command& command, Surroundings& surroundings) {
  const GlobalOptions& options = command.options;
  ASSIGN_OR_RETURN(const Format format, ParseFormat(options.output));
  Registry::Options registry_options;
  registry_options.tls = options.tls;
  ASSIGN_OR_RETURN(registry_options.servers, ParseServers(options.server));
  std::optional<absl::Duration> timeout;
  if (!options.timeout.empty()) {
    ASSIGN_OR_RETURN(timeout, ParseSpan("--timeout", options.timeout));
    registry_options.timeout = *timeout;
  }
  Registry registry(registry_options, surroundings.clock);
  Printer printer(surroundings.out, surroundings.notes, surroundings.clock,
                  {format, surroundings.colours, surroundings.zone, surroundings.notes_terminal});
  Context context{registry,
                  printer,
                  surroundings.interrupt,
                  surroundings.clock,
                  surroundings.random,
                  command.app,
                  options.ns,
                  surroundings.actor,
                  timeout};
  const auto chosen = std::find_if(command.actions.begin(), command.actions.end(),
                                   [](const auto& action) { return action.first->parsed(); });
  return chosen->second(context);
}

int Report(const absl::Status& status, Surroundings& surroundings) {
  surroundings.notes << ErrorLine(status) << std::endl;
  return static_cast<int>(ExitCodeOf(status));
}

int Run(const std::vector<std::string>& arguments, Surroundings& surroundings) {
  Command command;
  try {
    command.app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    surroundings.out << command.app.help();
    return 0;
  } catch (const CLI::CallForVersion& version) {
    surroundings.out << version.what() << std::endl;
    return 0;
  } catch (const CLI::ParseError& error) {
    return Report(WrongUse(command.app, error), surroundings);
  }
  const auto code = Act(command, surroundings);
  if (!code.ok()) return Report(code.status(), surroundings);
  return static_cast<int>(*code);
}

}  // namespace

int RunProgram(const std::vector<std::string>& arguments, Surroundings& surroundings) {
  const int code = Run(arguments, surroundings);
  surroundings.out.flush();
  // After another error one line is enough.
  if (surroundings.out.good() || code != 0) return code;
  return Report(CannotWrite(), surroundings);
}

}  // namespace rollcall::cli
