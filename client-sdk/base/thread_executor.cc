#include "client-sdk/base/thread_executor.h"

#include <pthread.h>

#include <chrono>

namespace rollcall::base {
namespace {

absl::Duration SteadyNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

ThreadExecutor::ThreadExecutor(std::string name) {
  thread_ = std::thread([this, name = std::move(name)] {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    Run();
  });
}

ThreadExecutor::~ThreadExecutor() { Stop(); }

void ThreadExecutor::Post(Task task) {
  MutexLock lock(mu_);
  if (stopping_) return;
  posted_.push_back(std::move(task));
  if (posted_.size() == 1) wake_.NotifyOne();
}

Executor::TimerId ThreadExecutor::PostAt(Instant when, Task task) {
  MutexLock lock(mu_);
  const uint64_t id = next_timer_++;
  if (stopping_) return TimerId{id};
  const auto at = timers_.emplace(std::make_pair(when.SinceOrigin(), id), std::move(task)).first;
  timer_due_.emplace(id, when.SinceOrigin());
  if (at == timers_.begin()) wake_.NotifyOne();
  return TimerId{id};
}

bool ThreadExecutor::Cancel(TimerId id) {
  Task dropped;  // Destroyed after the lock is given back: its destructor may post.
  MutexLock lock(mu_);
  const auto due = timer_due_.find(static_cast<uint64_t>(id));
  if (due == timer_due_.end()) return false;
  const auto timer = timers_.find({due->second, due->first});
  dropped = std::move(timer->second);
  timers_.erase(timer);
  timer_due_.erase(due);
  return true;
}

void ThreadExecutor::Stop() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    wake_.NotifyOne();
  }
  if (thread_.joinable()) thread_.join();
  std::deque<Task> tasks;
  Timers timers;
  MutexLock lock(mu_);
  tasks.swap(posted_);
  timers.swap(timers_);
  timer_due_.clear();
}

void ThreadExecutor::Take(std::deque<Task>& out) {
  while (!stopping_) {
    if (!posted_.empty()) {
      out.swap(posted_);
      return;
    }
    if (timers_.empty()) {
      wake_.Wait(mu_);
      continue;
    }
    const auto first = timers_.begin();
    const absl::Duration wait = first->first.first - SteadyNow();
    if (wait <= absl::ZeroDuration()) {
      out.push_back(std::move(first->second));
      timer_due_.erase(first->first.second);
      timers_.erase(first);
      return;
    }
    wake_.WaitFor(mu_, wait);
  }
}

void ThreadExecutor::Run() {
  while (true) {
    std::deque<Task> batch;
    {
      MutexLock lock(mu_);
      Take(batch);
      if (stopping_) {
        lock.Release();
        return;  // `batch` is destroyed unlocked.
      }
    }
    while (!batch.empty()) {
      batch.front()();
      batch.pop_front();
      MutexLock lock(mu_);
      if (stopping_) {
        lock.Release();
        return;
      }
      // A timer that became due must not wait for a long row of posted tasks.
      if (!timers_.empty() && timers_.begin()->first.first <= SteadyNow()) {
        const auto first = timers_.begin();
        batch.push_front(std::move(first->second));
        timer_due_.erase(first->first.second);
        timers_.erase(first);
      }
    }
  }
}

}  // namespace rollcall::base
