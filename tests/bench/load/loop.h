// Loop: the one thread of the load, and the completion queue that it turns.
//
// Everything that works and sides do happens on the thread that calls Run…, so nothing of it needs
// a lock. Who has threads of their own (a client library, say) hands over by Post. A queue that is
// turned by hand has no idle naps, as gRPC's callback threads do: what is late is the server's.
#pragma once

#include <grpcpp/completion_queue.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "client-sdk/base/mutex.h"

namespace rollcall::bench {

// What gRPC gives back when it is done with something; `ok` as gRPC tells it.
class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Done(bool ok) = 0;
};

class Loop {
 public:
  Loop() = default;
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Operations are started on it with Tag* as tags.
  grpc::CompletionQueue& queue() { return queue_; }

  // Turns until then, at least once.
  void RunUntil(absl::Time end);
  void RunFor(absl::Duration time) { RunUntil(absl::Now() + time); }
  // Turns until the condition holds; false if it does not within the limit.
  bool RunUntil(const std::function<bool()>& condition, absl::Duration limit);
  // The same for those who clean up: throws nothing.
  bool Drain(const std::function<bool()>& condition, absl::Duration limit);

  // On the loop's thread: what was expected to last has ended. Each Run… throws it, once.
  void Trouble(std::string what);

  // Any thread: `task` runs on the loop's thread, soon, while it is turned.
  void Post(absl::AnyInvocable<void()> task);

 private:
  void Turn(absl::Time until);
  void ThrowTrouble();
  void RunPosted();

  grpc::CompletionQueue queue_;
  std::string trouble_;
  base::Mutex mu_;
  std::vector<absl::AnyInvocable<void()>> posted_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::bench
