#include "tests/integration/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace rollcall::integration {
namespace {

struct Pipe {
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) Fail("cannot make a pipe");
  }
  int read_end() const { return ends[0]; }
  int write_end() const { return ends[1]; }
  std::array<int, 2> ends;
};

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child, where only what is safe after fork() may be called.
[[noreturn]] void Become(pid_t parent, int out, int err, char** command, char** environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execve(command[0], command, environment);
  _exit(127);
}

size_t Occurrences(const std::string& text, const std::string& wanted) {
  size_t count = 0;
  for (size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) ++count;
  return count;
}

// Once one thread has stopped the others stop before they run on: also those that the kernel holds,
// as for a disk that is slow to sync.
bool StandsStill(pid_t pid) {
  bool stopped = false;
  bool held = false;
  std::error_code gone;
  const std::string threads = absl::StrCat("/proc/", pid, "/task");
  for (const auto& thread : std::filesystem::directory_iterator(threads, gone)) {
    std::ifstream file(thread.path() / "stat");
    std::string line;
    std::getline(file, line);
    // "pid (name) state …"; a thread that is gone has no line.
    const size_t at = line.rfind(") ");
    const char state = at == line.npos ? 'X' : line[at + 2];
    if (state != 'T' && state != 'D' && state != 'Z' && state != 'X') return false;
    stopped |= state == 'T';
    held |= state == 'D';
  }
  return stopped || !held;
}

}  // namespace

Process::Process(std::vector<std::string> command, std::vector<std::string> environment) {
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  std::vector<char*> arguments = Pointers(command);
  std::vector<char*> variables = Pointers(environment);
  const Pipe out;
  const Pipe err;
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    Become(parent, out.write_end(), err.write_end(), arguments.data(), variables.data());
  }
  close(out.write_end());
  close(err.write_end());
  if (pid_ < 0) Fail(absl::StrCat("cannot start ", absl::StrJoin(command, " ")));
  pid_fd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (pid_fd_ < 0) Fail(absl::StrCat("pidfd_open: ", strerror(errno)));
  reader_ = std::thread([this, out, err] { ReadOutput(out.read_end(), err.read_end()); });
}

Process::~Process() {
  Kill();
  reader_.join();
  close(pid_fd_);
}

void Process::Signal(int signal) const { syscall(SYS_pidfd_send_signal, pid_fd_, signal, 0, 0); }

void Process::Freeze() const {
  Signal(SIGSTOP);
  if (!Eventually([&] { return StandsStill(pid_); })) {
    Fail(absl::StrCat("process ", pid_, " does not stand still"));
  }
}

void Process::Kill() {
  if (ended_) return;
  Signal(SIGKILL);
  if (!Wait()) Fail(absl::StrCat("process ", pid_, " survived SIGKILL"));
}

std::optional<int> Process::Wait(absl::Duration limit) {
  if (ended_) return ended_;
  pollfd end = {pid_fd_, POLLIN, 0};
  if (poll(&end, 1, static_cast<int>(absl::ToInt64Milliseconds(limit))) != 1) return std::nullopt;
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) Fail("waitpid failed");
  ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return ended_;
}

std::string Process::out() const {
  base::MutexLock lock(mu_);
  return out_;
}

std::string Process::err() const {
  base::MutexLock lock(mu_);
  return err_;
}

void Process::AwaitOutput(const std::string& text, int times, absl::Duration limit) {
  const Stopwatch watch;
  base::MutexLock lock(mu_);
  while (Occurrences(out_, text) + Occurrences(err_, text) < static_cast<size_t>(times)) {
    if (output_over_ || watch.elapsed() >= limit) {
      Fail(absl::StrCat("process ", pid_, " did not write \"", text, "\"; stdout:\n", out_,
                        "\nstderr:\n", err_));
    }
    changed_.WaitFor(mu_, watch.LeftOf(limit));
  }
}

void Process::AwaitOutputEnd() {
  const Stopwatch watch;
  base::MutexLock lock(mu_);
  while (!output_over_ && watch.elapsed() < kSoon) changed_.WaitFor(mu_, watch.LeftOf(kSoon));
}

// Ends when the process, and whoever inherited its output, has.
void Process::ReadOutput(int out, int err) {
  std::array<pollfd, 2> sources = {pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  while (sources[0].fd >= 0 || sources[1].fd >= 0) {
    if (poll(sources.data(), sources.size(), -1) < 0) continue;
    for (size_t i = 0; i < sources.size(); ++i) {
      if (sources[i].fd < 0 || sources[i].revents == 0) continue;
      std::array<char, 4096> chunk;
      const ssize_t size = read(sources[i].fd, chunk.data(), chunk.size());
      if (size <= 0) {
        close(std::exchange(sources[i].fd, -1));
        continue;
      }
      base::MutexLock lock(mu_);
      (i == 0 ? out_ : err_).append(chunk.data(), static_cast<size_t>(size));
      changed_.NotifyAll();
    }
  }
  base::MutexLock lock(mu_);
  output_over_ = true;
  changed_.NotifyAll();
}

Outcome RunToEnd(std::vector<std::string> command, absl::Duration limit) {
  const std::string spoken = absl::StrJoin(command, " ");
  Process process(std::move(command));
  const std::optional<int> code = process.Wait(limit);
  if (!code) Fail(absl::StrCat("did not end in time: ", spoken, "\n", process.err()));
  process.AwaitOutputEnd();
  return {*code, process.out(), process.err()};
}

}  // namespace rollcall::integration
