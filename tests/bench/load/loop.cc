#include "tests/bench/load/loop.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

// Wakes the queue, once.
class Wake final : public Tag {
 public:
  explicit Wake(std::function<void()> then) : then_(std::move(then)) {}
  void Set(grpc::CompletionQueue& queue) {
    alarm_.Set(&queue, gpr_now(GPR_CLOCK_MONOTONIC), static_cast<Tag*>(this));
  }
  void Done(bool) override {
    const std::unique_ptr<Wake> self(this);
    then_();
  }

 private:
  const std::function<void()> then_;
  grpc::Alarm alarm_;
};

}  // namespace

Loop::~Loop() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  // Something is left only after a failure, and whom it would tell is gone.
  while (queue_.Next(&tag, &ok)) {
  }
}

void Loop::RunUntil(absl::Time end) {
  do {
    Turn(end);
    ThrowTrouble();
  } while (absl::Now() < end);
}

bool Loop::RunUntil(const std::function<bool()>& condition, absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() >= end) return false;
    Turn(end);
    ThrowTrouble();
  }
  return true;
}

bool Loop::Drain(const std::function<bool()>& condition, absl::Duration limit) {
  const absl::Time end = absl::Now() + limit;
  while (!condition()) {
    if (absl::Now() >= end) return false;
    Turn(end);
  }
  return true;
}

void Loop::Trouble(std::string what) {
  if (trouble_.empty()) trouble_ = std::move(what);
}

void Loop::ThrowTrouble() {
  if (!trouble_.empty()) integration::Fail(std::exchange(trouble_, ""));
}

void Loop::Turn(absl::Time until) {
  void* tag = nullptr;
  bool ok = false;
  const auto deadline = absl::ToChronoTime(until);
  if (queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::GOT_EVENT) {
    static_cast<Tag*>(tag)->Done(ok);
  }
}

void Loop::Post(absl::AnyInvocable<void()> task) {
  bool first = false;
  {
    base::MutexLock lock(mu_);
    first = posted_.empty();
    posted_.push_back(std::move(task));
  }
  // One wake serves all who post until it is there.
  if (first) (new Wake([this] { RunPosted(); }))->Set(queue_);
}

void Loop::RunPosted() {
  std::vector<absl::AnyInvocable<void()>> tasks;
  {
    base::MutexLock lock(mu_);
    tasks.swap(posted_);
  }
  for (auto& task : tasks) task();
}

}  // namespace rollcall::bench
