// rollcalld: the registry. Makes the real clock and randomness, reads the command line, and runs a
// Daemon until it is told to stop.
#include <linux/close_range.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "client-sdk/base/random.h"
#include "client-sdk/base/system_clock.h"
#include "server/app/config/command_line.h"
#include "server/app/daemon.h"
#include "server/app/offline/offline.h"
#include "server/observe/log.h"

namespace rollcall {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitStopped = 130;
// Of Serve alone, for Main.
constexpr int kExitRestart = -1;

// Every connection is a file descriptor; take as many as we may.
void RaiseFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// The process sends it to itself; from outside it means nothing.
constexpr int kOwnSignal = SIGUSR1;

sigset_t AllSignals() {
  sigset_t signals = StopSignals();
  sigaddset(&signals, kOwnSignal);
  return signals;
}

bool StopWithin(absl::Duration d) {
  const sigset_t signals = StopSignals();
  const timespec time = absl::ToTimespec(d);
  return sigtimedwait(&signals, nullptr, &time) > 0;
}

// This program again, with the arguments it was given. Nothing that is open goes along.
int Restart(char** argv) {
  close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  execv("/proc/self/exe", argv);
  std::fprintf(stderr, "rollcalld: cannot start itself again: %s\n", strerror(errno));
  return kExitFailed;
}

// A second signal ends the process at once.
void StopAtOnceFromNowOn() {
  signal(SIGTERM, [](int) { _exit(kExitStopped); });
  signal(SIGINT, [](int) { _exit(kExitStopped); });
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

// What remains is to write the last log lines; it may be that nobody reads them any more.
void BoundTheLastLogLines() {
  constexpr unsigned kSecondsForTheLog = 2;
  // Not _exit(): ThreadSanitizer's would flush stderr, and wait for the writer as we do.
  signal(SIGALRM, [](int) { syscall(SYS_exit_group, 0); });
  alarm(kSecondsForTheLog);
}

int Print(const config::Answer& answer) {
  std::fputs(answer.out.c_str(), stdout);
  std::fputs(answer.err.c_str(), stderr);
  return answer.exit_code;
}

int Serve(const config::CommandLine& line) {
  base::SystemClock clock;
  base::SecureRandom random;
  observe::LogOptions options;
  options.format = *observe::ChooseLogFormat(line.config.log_format);
  options.level = *observe::ParseLogLevel(line.config.log_level);
  const std::unique_ptr<observe::Log> log = observe::Log::Create(options, clock);
  for (const std::string& warning : line.warnings) log->Warning(warning);

  // What the process has asked of itself: kExitRestart or kExitFailed.
  std::atomic<int> wanted{0};
  const auto ask_itself = [&](int exit_code) {
    wanted = exit_code;
    kill(getpid(), kOwnSignal);
  };
  const auto restart = [&](const std::string& why) {
    log->Warning("starting again", {{"why", why}});
    ask_itself(kExitRestart);
  };
  const auto fail = [&](const std::string& why) {
    std::fprintf(stderr, "rollcalld: %s\n", why.c_str());
    ask_itself(kExitFailed);
  };
  // A start that waits for what will not come any more is given up.
  const auto stop_within = [&](absl::Duration d) { return StopWithin(d) || wanted != 0; };
  absl::StatusOr<std::unique_ptr<app::Daemon>> daemon =
      app::Daemon::Start(line.config, clock, random, *log, {stop_within, restart, fail});
  if (absl::IsCancelled(daemon.status())) return wanted;
  if (!daemon.ok()) {
    std::fprintf(stderr, "rollcalld: %s\n", std::string(daemon.status().message()).c_str());
    return kExitFailed;
  }
  const sigset_t signals = AllSignals();
  int signal = 0;
  do {
    sigwait(&signals, &signal);
  } while (signal == kOwnSignal && wanted == 0);
  if (signal != kOwnSignal) StopAtOnceFromNowOn();
  (*daemon)->Stop();
  if (signal == kOwnSignal) return wanted;
  BoundTheLastLogLines();
  return 0;
}

// Not a server, but a command that ends: signals end it at once.
int RunCommand(const std::vector<std::string>& arguments) {
  const sigset_t signals = AllSignals();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  const app::OfflineLine line = app::ReadOfflineLine(arguments, config::ProcessEnvironment());
  if (line.answer) return Print(*line.answer);
  base::SystemClock clock;
  base::SecureRandom random;
  return app::RunOffline(line, clock, random);
}

int Main(int argc, char** argv) {
  // gRPC's own lines are no JSON and know no limit: any port scan makes some. Set it to see them.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  // Before there is any other thread: they all inherit it, so only sigwait sees these.
  const sigset_t signals = AllSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  RaiseFileLimit();
  // Debian builds Abseil with it, gRPC takes such locks all the time, and what it finds aborts.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (app::IsOffline(arguments)) return RunCommand(arguments);
  const config::CommandLine line = config::ReadCommandLine(arguments, config::ProcessEnvironment());
  if (line.answer) return Print(*line.answer);
  const int exit_code = Serve(line);
  alarm(0);
  return exit_code == kExitRestart ? Restart(argv) : exit_code;
}

}  // namespace
}  // namespace rollcall

int main(int argc, char** argv) { return rollcall::Main(argc, argv); }
