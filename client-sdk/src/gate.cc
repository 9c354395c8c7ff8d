#include "client-sdk/src/gate.h"

#include <unistd.h>

#include <utility>

#include "client-sdk/src/latch.h"

namespace rollcall::sdk {

Gate::Gate(std::shared_ptr<const base::Clock> clock, std::shared_ptr<base::Executor> executor)
    : clock_(std::move(clock)), executor_(std::move(executor)) {}

int Gate::CurrentProcess() { return getpid(); }

void Gate::Open(Core& core) {
  base::MutexLock lock(mu_);
  core_ = &core;
  thread_ = std::this_thread::get_id();
}

void Gate::Close() {
  base::MutexLock lock(mu_);
  core_ = nullptr;
}

bool Gate::Post(absl::AnyInvocable<void(Core&)> task) {
  if (!InSameProcess()) return false;
  {
    base::MutexLock lock(mu_);
    if (core_ == nullptr) return false;
  }
  executor_->Post([self = shared_from_this(), task = std::move(task)]() mutable {
    Core* core;
    {
      base::MutexLock lock(self->mu_);
      core = self->core_;
    }
    if (core != nullptr) task(*core);  // It is closed on this executor only, so not meanwhile.
  });
  return true;
}

bool Gate::Call(const std::function<void(Core&)>& task) {
  if (OnCoreThread()) {
    Core* core;
    {
      base::MutexLock lock(mu_);
      core = core_;
    }
    if (core != nullptr) task(*core);
    return core != nullptr;
  }
  // The task is destroyed unrun if the executor stops first: its end tells, run or not.
  auto latch = std::make_shared<Latch>();
  auto ended = std::shared_ptr<void>(
      nullptr, [latch](void*) { latch->Set(absl::UnavailableError("the client is stopping")); });
  const bool posted = Post([&task, latch, ended = std::move(ended)](Core& core) {
    task(core);
    latch->Set(absl::OkStatus());
  });
  return posted && latch->WaitFor(*clock_, absl::InfiniteDuration())->ok();
}

bool Gate::OnCoreThread() const {
  base::MutexLock lock(mu_);
  return core_ != nullptr && thread_ == std::this_thread::get_id();
}

bool Gate::InSameProcess() const { return CurrentProcess() == process_; }

}  // namespace rollcall::sdk
