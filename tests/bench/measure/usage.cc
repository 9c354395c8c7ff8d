#include "tests/bench/measure/usage.h"

#include <time.h>

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::bench {
namespace {

absl::Duration CpuOfAll(const std::vector<pid_t>& processes) {
  absl::Duration sum;
  for (const pid_t process : processes) sum += CpuOfProcess(process);
  return sum;
}

}  // namespace

Usage::Usage(std::vector<pid_t> processes)
    : processes_(std::move(processes)), before_(CpuOfAll(processes_)) {}

absl::Duration Usage::Cpu() const { return CpuOfAll(processes_) - before_; }

absl::Duration CpuOfProcess(pid_t process) {
  clockid_t clock = 0;
  timespec used{};
  if (clock_getcpuclockid(process, &clock) != 0) return absl::ZeroDuration();
  if (clock_gettime(clock, &used) != 0) return absl::ZeroDuration();
  return absl::DurationFromTimespec(used);
}

double MemoryOf(pid_t process, const std::string& line) {
  std::ifstream file(absl::StrCat("/proc/", process, "/status"));
  for (std::string text; std::getline(file, text);) {
    if (text.rfind(line + ":", 0) == 0) return std::stod(text.substr(line.size() + 1)) * 1024;
  }
  return 0;
}

}  // namespace rollcall::bench
