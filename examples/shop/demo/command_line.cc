#include "examples/shop/demo/command_line.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client-sdk/base/status_macros.h"
#include "examples/shop/demo/argv.h"
#include "examples/shop/demo/child.h"

namespace shop::demo {
namespace {

using nlohmann::json;

constexpr absl::Duration kLimit = absl::Seconds(10);

// With our stdout and stderr. The exit status, or an error if there is none.
absl::StatusOr<int> RunHere(const std::vector<std::string>& command) {
  const std::vector<char*> argv = ArgvOf(command);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], nullptr, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return absl::ErrnoToStatus(error, command[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (!WIFEXITED(status)) return absl::InternalError(absl::StrCat(command[0], " was killed"));
  return WEXITSTATUS(status);
}

}  // namespace

std::vector<std::string> CommandLine::Command(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = {program_, "--server", server_};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

absl::Status CommandLine::Show(const Screen& screen,
                               const std::vector<std::string>& arguments) const {
  const std::string typed = absl::StrCat("rollcall ", absl::StrJoin(arguments, " "));
  screen.Command(typed);
  ASSIGN_OR_RETURN(const int status, RunHere(Command(arguments)));
  if (status == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("'", typed, "' ended with exit status ", status));
}

absl::StatusOr<json> CommandLine::Ask(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command = Command({"-o", "json"});
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::string text;
  {
    ASSIGN_OR_RETURN(const auto child,
                     Child::Start(command, log_, [&](const std::string& line, Moment) {
                       absl::StrAppend(&text, line, "\n");
                     }));
    child->WaitForEnd(kLimit);
  }
  json answer = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (answer.is_object()) return answer;
  return absl::InternalError(
      absl::StrCat("'rollcall ", absl::StrJoin(arguments, " "), "' gave no JSON object: ", text));
}

}  // namespace shop::demo
