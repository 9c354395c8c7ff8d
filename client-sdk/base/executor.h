// Executor: runs tasks one after another, in the order posted, never two at once.
//
// A component that is handed an executor owns its state without locks by touching it only in
// tasks posted there. Tasks must not block. In production an executor is a thread
// (ThreadExecutor); in the simulator all of them are one queue under virtual time.
//
// Post, PostAt and Cancel are thread-safe. Tasks not yet run when the executor stops are destroyed
// without being run.
#pragma once

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "client-sdk/base/instant.h"

namespace rollcall::base {

class Executor {
 public:
  using Task = absl::AnyInvocable<void()>;
  enum class TimerId : uint64_t {};

  virtual ~Executor() = default;

  virtual void Post(Task task) = 0;
  // Runs `task` at `when` or soon after, never before. Tasks due at the same instant run in the
  // order of their PostAt calls.
  virtual TimerId PostAt(Instant when, Task task) = 0;
  // True if the task will not run; false if it ran, runs now, or the id is not known. From a task
  // of this executor the answer is exact.
  virtual bool Cancel(TimerId id) = 0;
};

}  // namespace rollcall::base
