// Process: a program under test, with its output captured.
//
// It never outlives the test: the destructor kills it, and so does the kernel if the test itself
// dies. Start processes on the test's main thread only (the kernel ties the child to the thread
// that made it). All else is thread-safe.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client-sdk/base/mutex.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::integration {

class Process {
 public:
  // `command` names the program's path first. `environment` adds "NAME=value" to the test's own.
  explicit Process(std::vector<std::string> command, std::vector<std::string> environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  // Readable when the process has ended.
  int pid_fd() const { return pid_fd_; }
  void Signal(int signal) const;
  // SIGKILL, and waits until it is gone.
  void Kill();
  // SIGSTOP, and waits until all its threads stand still: what happens from then on it does not
  // see.
  void Freeze() const;
  void Thaw() const { Signal(SIGCONT); }

  // The exit code, or minus the signal that ended it; nullopt if it still runs after the limit.
  std::optional<int> Wait(absl::Duration limit = kSoon);
  bool running() { return !Wait(absl::ZeroDuration()); }
  // What it has written so far, on stdout and on stderr.
  std::string out() const;
  std::string err() const;
  // Waits until its output holds `text`, `times` times; throws with all output if it does not come.
  void AwaitOutput(const std::string& text, int times = 1, absl::Duration limit = kSoon);
  // Waits until all that it wrote is here; after its end.
  void AwaitOutputEnd();

 private:
  void ReadOutput(int out, int err);

  pid_t pid_ = -1;
  int pid_fd_ = -1;
  std::optional<int> ended_;
  std::thread reader_;

  mutable base::Mutex mu_;
  base::CondVar changed_;
  std::string out_ ABSL_GUARDED_BY(mu_);
  std::string err_ ABSL_GUARDED_BY(mu_);
  bool output_over_ ABSL_GUARDED_BY(mu_) = false;
};

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};
// Runs a program to its end; throws if it does not end in time.
Outcome RunToEnd(std::vector<std::string> command, absl::Duration limit = kSoon);

}  // namespace rollcall::integration
