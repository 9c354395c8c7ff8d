// Usage: the processor time that some processes used from here on; and what memory they have.
//
// By the kernel's own accounting of each whole process, ended threads included, in nanoseconds:
// what /proc/PID/stat tells in hundredths of a second. None of them may end meanwhile.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace rollcall::bench {

class Usage {
 public:
  explicit Usage(std::vector<pid_t> processes);
  // User and system, of all of them, since the construction.
  absl::Duration Cpu() const;
  double CpuMicroseconds() const { return absl::ToDoubleMicroseconds(Cpu()); }

 private:
  std::vector<pid_t> processes_;
  absl::Duration before_;
};

// Since its start. Zero if it is gone.
absl::Duration CpuOfProcess(pid_t process);
// A line of /proc/PID/status that is a size, for example VmRSS; bytes.
double MemoryOf(pid_t process, const std::string& line = "VmRSS");

}  // namespace rollcall::bench
