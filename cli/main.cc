// rollcall: the command for operators and scripts.
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include <pwd.h>
#include <unistd.h>

#include "cli/client/interrupt.h"
#include "cli/verbs/program.h"
#include "client-sdk/base/random.h"
#include "client-sdk/base/system_clock.h"

namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

// Whoever starts it with a signal ignored, as nohup does, wants it to go on.
bool IsIgnored(int signal) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t SignalSet() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kSignals) {
    if (!IsIgnored(signal)) sigaddset(&set, signal);
  }
  return set;
}

// The first signal asks the verb to end in order; if it does not listen, or at the second one, the
// program ends at once.
void AwaitSignals(rollcall::cli::Interrupt& interrupt) {
  const sigset_t set = SignalSet();
  int signal = 0;
  while (sigwait(&set, &signal) == 0) {
    if (!interrupt.Request()) _exit(128 + signal);
  }
}

std::string Actor() {
  const passwd* user = getpwuid(geteuid());
  char host[256] = "";
  gethostname(host, sizeof(host) - 1);
  return std::string(user != nullptr ? user->pw_name : std::to_string(geteuid())) + "@" + host;
}

bool WantsColours() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) && (no_colour == nullptr || *no_colour == '\0') && term != nullptr &&
         std::strcmp(term, "dumb") != 0;
}

}  // namespace

int main(int argc, char** argv) {
  // gRPC's own log lines would break the promise of one line per error.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  const sigset_t set = SignalSet();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // Not destroyed: the signal thread uses it until the process ends.
  auto& interrupt = *new rollcall::cli::Interrupt;
  std::thread([&interrupt] { AwaitSignals(interrupt); }).detach();

  rollcall::base::SystemClock clock;
  rollcall::base::SecureRandom random;
  rollcall::cli::Surroundings surroundings{std::cout,      std::cerr, clock,
                                           random,         interrupt, absl::LocalTimeZone(),
                                           WantsColours(), Actor(),   isatty(STDERR_FILENO) == 1};
  return rollcall::cli::RunProgram(std::vector<std::string>(argv + 1, argv + argc), surroundings);
}
