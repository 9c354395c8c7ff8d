#include "server/store/etcd/grpc/completion_thread.h"

#include <pthread.h>

#include <memory>

#include "server/store/etcd/grpc/grpc_words.h"

namespace rollcall::etcd {

CompletionThread::CompletionThread(std::string name, const base::Clock& clock) : clock_(clock) {
  thread_ = std::thread([this, name = std::move(name)] {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    Run();
  });
}

CompletionThread::~CompletionThread() { Stop(); }

void CompletionThread::Post(Task task) {
  base::MutexLock lock(mu_);
  if (stopping_) return;
  posted_.push_back(std::move(task));
  Wake();
}

base::Executor::TimerId CompletionThread::PostAt(base::Instant when, Task task) {
  base::MutexLock lock(mu_);
  const uint64_t id = next_timer_++;
  if (stopping_) return TimerId{id};
  timers_.emplace(std::make_pair(when.SinceOrigin(), id), std::move(task));
  timer_due_.emplace(id, when.SinceOrigin());
  Wake();
  return TimerId{id};
}

bool CompletionThread::Cancel(TimerId id) {
  Task dropped;  // Destroyed after the lock is given back: its destructor may post.
  base::MutexLock lock(mu_);
  const auto due = timer_due_.find(static_cast<uint64_t>(id));
  if (due == timer_due_.end()) return false;
  const auto timer = timers_.find({due->second, due->first});
  dropped = std::move(timer->second);
  timers_.erase(timer);
  timer_due_.erase(due);
  return true;
}

void* CompletionThread::Tag(Then then) {
  ++tags_;
  return new Then(std::move(then));
}

void CompletionThread::Stop() {
  {
    base::MutexLock lock(mu_);
    if (!stopping_) {
      stopping_ = true;
      Wake();
    }
  }
  if (thread_.joinable()) thread_.join();
  std::deque<Task> posted;
  Timers timers;
  base::MutexLock lock(mu_);
  posted.swap(posted_);
  timers.swap(timers_);
  timer_due_.clear();
}

void CompletionThread::Run() {
  for (std::deque<Task> due; Take(due); due.clear()) {
    for (Task& task : due) task();
    Turn();
  }
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  // A last wake-up may be there.
  while (queue_.Next(&tag, &ok)) {
  }
}

bool CompletionThread::Take(std::deque<Task>& out) {
  base::MutexLock lock(mu_);
  if (!stopping_) TakeDueTimers(out);
  for (Task& task : posted_) out.push_back(std::move(task));
  posted_.clear();
  waiting_ = out.empty();
  return !(stopping_ && out.empty() && tags_ == 0);
}

void CompletionThread::TakeDueTimers(std::deque<Task>& out) {
  const absl::Duration now = clock_.Steady().SinceOrigin();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    timer_due_.erase(timers_.begin()->first.second);
    out.push_back(std::move(timers_.begin()->second));
    timers_.erase(timers_.begin());
  }
}

void CompletionThread::Turn() {
  void* tag = nullptr;
  bool ok = false;
  if (queue_.AsyncNext(&tag, &ok, NextTimer()) != grpc::CompletionQueue::GOT_EVENT) return;
  if (tag == &wake_) {
    base::MutexLock lock(mu_);
    waking_ = false;
    return;
  }
  --tags_;
  const std::unique_ptr<Then> then(static_cast<Then*>(tag));
  (*then)(ok);
}

// Tasks that ran may have posted more: then only what is there already is taken.
gpr_timespec CompletionThread::NextTimer() {
  base::MutexLock lock(mu_);
  if (!waiting_ || !posted_.empty()) return DeadlineIn(absl::ZeroDuration());
  if (timers_.empty() || stopping_) return DeadlineIn(absl::InfiniteDuration());
  return DeadlineIn(timers_.begin()->first.first - clock_.Steady().SinceOrigin());
}

void CompletionThread::Wake() {
  if (!waiting_ || waking_) return;
  waking_ = true;
  wake_.Set(&queue_, DeadlineIn(absl::ZeroDuration()), &wake_);
}

}  // namespace rollcall::etcd
