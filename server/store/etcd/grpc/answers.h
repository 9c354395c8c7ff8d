// Answers: hands results to the executor that asked, until it is told to be silent.
//
// Give may be called by any thread. Silence is called on the executor or after it has stopped;
// nothing is handed out afterwards.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "client-sdk/base/executor.h"

namespace rollcall::etcd {

class Answers {
 public:
  explicit Answers(base::Executor& executor) : executor_(executor) {}

  void Give(base::Executor::Task task) {
    executor_.Post([silent = silent_, task = std::move(task)]() mutable {
      if (!*silent) task();
    });
  }
  void Silence() { *silent_ = true; }

 private:
  base::Executor& executor_;
  const std::shared_ptr<std::atomic<bool>> silent_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace rollcall::etcd
