// CompletionThread: a gRPC completion queue and the one thread that turns it, which is an Executor
// too: tasks, timers and completions all run there, one after another.
//
// Whoever starts gRPC operations in tasks of this executor needs no lock, and gRPC's work
// (encoding, decoding, system calls) is done here and not on the executor of the caller.
//
// Post, PostAt and Cancel are thread-safe; Tag is for this thread only.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/completion_queue.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/mutex.h"

namespace rollcall::etcd {

class CompletionThread final : public base::Executor {
 public:
  using Then = absl::AnyInvocable<void(bool ok)>;

  // `name` is what the operating system shows for the thread: at most 15 characters.
  CompletionThread(std::string name, const base::Clock& clock);
  ~CompletionThread() override;

  void Post(Task task) override;
  TimerId PostAt(base::Instant when, Task task) override;
  bool Cancel(TimerId id) override;

  grpc::CompletionQueue* queue() { return &queue_; }
  // The tag of one operation about to be started on the queue; `then` runs when it comes back.
  void* Tag(Then then);

  // Runs what was posted before, waits until every tag has come back, and joins; what was posted
  // later is dropped. Not from this thread.
  void Stop();

 private:
  using Timers = std::map<std::pair<absl::Duration, uint64_t>, Task>;

  void Run();
  // Moves what is due into `out`; false when it is over.
  bool Take(std::deque<Task>& out);
  void TakeDueTimers(std::deque<Task>& out) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Waits for the next completion, wake-up or timer, and runs the completion.
  void Turn();
  gpr_timespec NextTimer();
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const base::Clock& clock_;
  grpc::CompletionQueue queue_;
  // Of this thread alone: tags given to gRPC that are not back.
  int64_t tags_ = 0;

  base::Mutex mu_;
  grpc::Alarm wake_ ABSL_GUARDED_BY(mu_);
  bool waking_ ABSL_GUARDED_BY(mu_) = false;
  bool waiting_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::deque<Task> posted_ ABSL_GUARDED_BY(mu_);
  Timers timers_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<uint64_t, absl::Duration> timer_due_ ABSL_GUARDED_BY(mu_);
  uint64_t next_timer_ ABSL_GUARDED_BY(mu_) = 1;

  std::thread thread_;
};

}  // namespace rollcall::etcd
