// Gate: how handles in the user's hands reach the core, and find out that it is gone.
//
// Shared by the client and all of its handles; outlives the core. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/mutex.h"

namespace rollcall::sdk {

class Core;

class Gate : public std::enable_shared_from_this<Gate> {
 public:
  // The executor may be stopped, but not destroyed, before the gate is.
  Gate(std::shared_ptr<const base::Clock> clock, std::shared_ptr<base::Executor> executor);

  // Called on the executor, at the core's beginning and end.
  void Open(Core& core);
  void Close();

  // Runs `task` on the executor with the core, if that is still there by then. False if it is gone
  // already, and in a child process made by fork().
  bool Post(absl::AnyInvocable<void(Core&)> task);
  // As Post, but waits until it has run; on the core's own thread it runs at once.
  bool Call(const std::function<void(Core&)>& task);
  // True on the core's own thread, where nothing may block.
  bool OnCoreThread() const;
  // False in a child process made by fork(): the core's thread is not there.
  bool InSameProcess() const;

  const base::Clock& clock() const { return *clock_; }
  base::Executor& executor() const { return *executor_; }

 private:
  static int CurrentProcess();

  const std::shared_ptr<const base::Clock> clock_;
  const std::shared_ptr<base::Executor> executor_;
  const int process_ = CurrentProcess();
  mutable base::Mutex mu_;
  Core* core_ ABSL_GUARDED_BY(mu_) = nullptr;
  std::thread::id thread_ ABSL_GUARDED_BY(mu_);
};

}  // namespace rollcall::sdk
