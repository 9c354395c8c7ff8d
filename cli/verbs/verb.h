// Verb: one thing that a user can ask; each stands in a file of its own and in the table of
// verb_table.cc.
//
// `configure` adds the verb's arguments to its subcommand and returns what to do once they are
// parsed. The action asks through the context's registry and prints through its printer; it answers
// with the exit code, or a status that becomes an error line and an exit code.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cli/client/interrupt.h"
#include "cli/client/registry.h"
#include "cli/print/exit_code.h"
#include "cli/print/printer.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/random.h"

namespace rollcall::cli {

struct Context {
  Registry& registry;
  Printer& printer;
  Interrupt& interrupt;
  const base::Clock& clock;
  base::Random& random;
  // The whole command, for completion.
  const CLI::App& program;
  std::string ns;
  // Who decides, for the registry's records: user@host.
  std::string actor;
  // As given with --timeout.
  std::optional<absl::Duration> timeout;
};

using Action = std::function<absl::StatusOr<ExitCode>(Context&)>;

struct Verb {
  const char* name;
  const char* summary;
  // One example per line, without "rollcall".
  const char* examples;
  Action (*configure)(CLI::App& app);
};

// In the order of the help.
absl::Span<const Verb> Verbs();

Action ConfigureServices(CLI::App& app);
Action ConfigureInstances(CLI::App& app);
Action ConfigureGet(CLI::App& app);
Action ConfigureResolve(CLI::App& app);
Action ConfigureWatch(CLI::App& app);
Action ConfigureRegister(CLI::App& app);
Action ConfigureDeregister(CLI::App& app);
Action ConfigureDrain(CLI::App& app);
Action ConfigureUndrain(CLI::App& app);
Action ConfigureOverride(CLI::App& app);
Action ConfigureBrake(CLI::App& app);
Action ConfigureService(CLI::App& app);
Action ConfigureHistory(CLI::App& app);
Action ConfigureExplain(CLI::App& app);
Action ConfigureNodes(CLI::App& app);
Action ConfigureStatus(CLI::App& app);
Action ConfigureBackup(CLI::App& app);
Action ConfigureRestore(CLI::App& app);
Action ConfigureBench(CLI::App& app);
Action ConfigureVersion(CLI::App& app);
Action ConfigureCompletion(CLI::App& app);

}  // namespace rollcall::cli
