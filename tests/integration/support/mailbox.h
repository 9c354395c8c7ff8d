// Mailbox: what one thread received, for another to take, in order. Thread-safe.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "client-sdk/base/mutex.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::integration {

template <typename T>
class Mailbox {
 public:
  void Put(T item) {
    base::MutexLock lock(mu_);
    items_.push_back(std::move(item));
    changed_.NotifyAll();
  }
  // Nothing follows.
  void Close() {
    base::MutexLock lock(mu_);
    closed_ = true;
    changed_.NotifyAll();
  }
  // The next one; nullopt if there is none within the limit, or never will be.
  std::optional<T> Take(absl::Duration limit) {
    const Stopwatch watch;
    base::MutexLock lock(mu_);
    while (items_.empty() && !closed_ && watch.elapsed() < limit) {
      changed_.WaitFor(mu_, watch.LeftOf(limit));
    }
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  // Waits for Close(); what is still inside stays.
  bool AwaitClosed(absl::Duration limit) {
    const Stopwatch watch;
    base::MutexLock lock(mu_);
    while (!closed_ && watch.elapsed() < limit) changed_.WaitFor(mu_, watch.LeftOf(limit));
    return closed_;
  }

 private:
  base::Mutex mu_;
  base::CondVar changed_;
  std::deque<T> items_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace rollcall::integration
