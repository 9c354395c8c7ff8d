#include "examples/shop/demo/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "examples/shop/demo/argv.h"

namespace shop::demo {
namespace {

// In the new process, between fork() and exec(): only what is allowed there.
[[noreturn]] void Become(char* const* argv, int stdout_fd, int stderr_fd, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(126);
  // Out of the terminal's reach: Ctrl-C is for the demo to handle.
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(stdout_fd, STDOUT_FILENO);
  dup2(stderr_fd, STDERR_FILENO);
  execv(argv[0], argv);
  _exit(127);
}

void ReadLines(int fd, const Child::OnLine& on_line) {
  FILE* in = fdopen(fd, "r");
  char* line = nullptr;
  size_t capacity = 0;
  for (ssize_t size; (size = getline(&line, &capacity, in)) > 0;) {
    const Moment read = Now();
    if (line[size - 1] == '\n') --size;
    on_line(std::string(line, size), read);
  }
  free(line);
  fclose(in);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Child>> Child::Start(const std::vector<std::string>& command,
                                                    const std::string& log, OnLine on_line) {
  const int log_fd = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0644);
  if (log_fd < 0) return absl::ErrnoToStatus(errno, log);
  int pipe_fds[2] = {-1, -1};
  if (on_line != nullptr && pipe2(pipe_fds, O_CLOEXEC) != 0) {
    close(log_fd);
    return absl::ErrnoToStatus(errno, "pipe");
  }
  const std::vector<char*> argv = ArgvOf(command);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(argv.data(), on_line != nullptr ? pipe_fds[1] : log_fd, log_fd, parent);
  const int fork_error = errno;
  close(log_fd);
  if (on_line != nullptr) close(pipe_fds[1]);
  if (pid > 0) return std::unique_ptr<Child>(new Child(pid, pipe_fds[0], std::move(on_line)));
  if (on_line != nullptr) close(pipe_fds[0]);
  return absl::ErrnoToStatus(fork_error, absl::StrCat("starting ", command[0]));
}

Child::Child(pid_t pid, int stdout_fd, OnLine on_line) : pid_(pid) {
  if (on_line == nullptr) return;
  reader_ =
      std::thread([stdout_fd, on_line = std::move(on_line)] { ReadLines(stdout_fd, on_line); });
}

Child::~Child() {
  if (Running()) {
    Signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (reader_.joinable()) reader_.join();
}

void Child::Signal(int signal) const {
  if (pid_ > 0) kill(pid_, signal);
}

bool Child::Running() {
  if (pid_ > 0 && waitpid(pid_, &wait_status_, WNOHANG) != 0) pid_ = 0;
  return pid_ > 0;
}

bool Child::WaitForEnd(absl::Duration limit) {
  const Moment end = Now() + absl::ToChronoNanoseconds(limit);
  while (Running() && Now() < end) Sleep(absl::Milliseconds(2));
  return !Running();
}

std::string Child::Ending() {
  if (Running()) return "still running";
  if (WIFSIGNALED(wait_status_)) return absl::StrCat("signal ", WTERMSIG(wait_status_));
  return absl::StrCat("exit status ", WEXITSTATUS(wait_status_));
}

}  // namespace shop::demo
