// ThreadExecutor: an Executor on one named thread of its own.
//
// Thread-safe. Stop() (and the destructor) lets the running task end, destroys the others and
// joins; it must not be called from a task of this executor.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/mutex.h"

namespace rollcall::base {

class ThreadExecutor final : public Executor {
 public:
  // `name` is what the operating system shows for the thread: at most 15 characters.
  explicit ThreadExecutor(std::string name);
  ~ThreadExecutor() override;

  void Post(Task task) override;
  TimerId PostAt(Instant when, Task task) override;
  bool Cancel(TimerId id) override;
  void Stop();

 private:
  using Timers = std::map<std::pair<absl::Duration, uint64_t>, Task>;

  void Run();
  // Moves due timers and posted tasks into `out`, in order; waits if there are none.
  void Take(std::deque<Task>& out) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Mutex mu_;
  CondVar wake_;
  std::deque<Task> posted_ ABSL_GUARDED_BY(mu_);
  Timers timers_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<uint64_t, absl::Duration> timer_due_ ABSL_GUARDED_BY(mu_);
  uint64_t next_timer_ ABSL_GUARDED_BY(mu_) = 1;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace rollcall::base
