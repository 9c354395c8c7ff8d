// Trimmer: has old history dropped, from time to time.
//
// Its timer runs on `executor`; it must be destroyed there, or after that has stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "server/store/version_log.h"

namespace rollcall::history {

class Trimmer {
 public:
  // Gets the number of revisions dropped, or why it failed; a failed trim is tried again.
  using Report = std::function<void(const absl::StatusOr<uint64_t>&)>;

  Trimmer(store::VersionLog& log, store::HistoryLimits limits, absl::Duration every,
          base::Executor& executor, const base::Clock& clock, Report report);
  ~Trimmer();
  Trimmer(const Trimmer&) = delete;
  Trimmer& operator=(const Trimmer&) = delete;

 private:
  void Schedule();
  void Trim();

  store::VersionLog& log_;
  const store::HistoryLimits limits_;
  const absl::Duration every_;
  base::Executor& executor_;
  const base::Clock& clock_;
  const std::shared_ptr<const Report> report_;
  base::Executor::TimerId timer_{};
};

}  // namespace rollcall::history
