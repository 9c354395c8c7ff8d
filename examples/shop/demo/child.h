// Child: a process that the demo started and that never outlives it.
//
// The destructor kills and reaps it; if the demo itself is killed, the kernel kills the child.
// Owned by the main thread (the kernel's promise is tied to the thread that starts the process).
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "examples/shop/demo/moment.h"

namespace shop::demo {

class Child {
 public:
  // Called on the child's own reader thread for each line of its stdout.
  using OnLine = std::function<void(const std::string& line, Moment read)>;

  // command[0] is a path. Without `on_line` stdout goes to the file `log`; stderr always does.
  static absl::StatusOr<std::unique_ptr<Child>> Start(const std::vector<std::string>& command,
                                                      const std::string& log,
                                                      OnLine on_line = nullptr);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Signal(int signal) const;
  // False once it has ended; it is reaped then.
  bool Running();
  // Waits until it has ended; false if it still runs after `limit`.
  bool WaitForEnd(absl::Duration limit);
  // "exit status 0", "signal 11" or "still running".
  std::string Ending();

 private:
  Child(pid_t pid, int stdout_fd, OnLine on_line);

  // 0 once it is reaped.
  pid_t pid_;
  // As of waitpid(), once it is reaped.
  int wait_status_ = 0;
  std::thread reader_;
};

}  // namespace shop::demo
