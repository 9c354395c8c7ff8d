// Interrupt: the wish that the program end, from a signal or a test, and those who want to hear of
// it.
//
// A verb that ends in order (watch, register, drain --wait) listens; when nobody listens the
// program may be ended at once. Thread-safe; listeners are called on the requesting thread and must
// not block.
#pragma once

#include <functional>
#include <map>

#include "absl/time/time.h"
#include "client-sdk/base/mutex.h"

namespace rollcall::cli {

class Interrupt {
 public:
  // Hears of the request until destroyed; at once, if it was made before.
  class Listener {
   public:
    Listener(Interrupt& interrupt, std::function<void()> heard);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

   private:
    Interrupt& interrupt_;
    const int id_;
  };

  // False if nobody listens, or it was requested before: then end the program.
  bool Request();
  bool requested() const;
  // Waits at most `limit`; true if it was requested.
  bool WaitFor(absl::Duration limit);

 private:
  int Add(std::function<void()> heard);
  void Remove(int id);

  mutable base::Mutex mu_;
  base::CondVar changed_;
  bool requested_ ABSL_GUARDED_BY(mu_) = false;
  int next_id_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<int, std::function<void()>> listeners_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::cli
