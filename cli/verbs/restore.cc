// rollcall restore FILE --data DIR | --store etcd --etcd …
//
// The store itself is written, not a registry asked: rollcalld knows how, so this verb becomes
// `rollcalld restore` with the same arguments.
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/verbs/verb.h"

namespace rollcall::cli {
namespace {

constexpr char kServer[] = "rollcalld";

// The one that was installed with this program, else the first in PATH.
std::string ServerProgram() {
  std::error_code error;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return kServer;
  const std::string beside = (own.parent_path() / kServer).string();
  return ::access(beside.c_str(), X_OK) == 0 ? beside : kServer;
}

// Does not return if it goes well.
absl::Status BecomeServer(const std::vector<std::string>& arguments) {
  std::string program = ServerProgram();
  std::vector<std::string> words = {kServer, "restore"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // A signal ends it as any program; here they were kept for a thread that goes now.
  sigset_t all;
  sigfillset(&all);
  sigset_t before;
  pthread_sigmask(SIG_UNBLOCK, &all, &before);
  execvp(program.c_str(), argv.data());
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot run ", program, " (", strerror(error),
      "), which restores; install rollcalld here, or run 'rollcalld restore' where it is"));
}

}  // namespace

Action ConfigureRestore(CLI::App& app) {
  // What is to be done with the rest, --help included, rollcalld knows.
  app.set_help_flag("");
  app.fallthrough(false);
  app.prefix_command();
  return [&app](Context&) -> absl::StatusOr<ExitCode> { return BecomeServer(app.remaining()); };
}

}  // namespace rollcall::cli
