// DiskVersionLog: the history that EmbeddedStore writes, read and trimmed.
//
// Trims in steps on `writer`, between commits; answers on `callbacks`. Read is thread-safe. The
// same rules for the executors at destruction as EmbeddedStore's.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/mutex.h"
#include "server/store/record_store.h"
#include "server/store/version_log.h"

namespace rollcall::store {

class DiskVersionLog final : public VersionLog {
 public:
  DiskVersionLog(RecordStore& disk, base::Executor& writer, base::Executor& callbacks);

  absl::StatusOr<std::unique_ptr<const VersionView>> Read() const override;
  void Trim(HistoryLimits limits, absl::Time now, TrimDone done) override;

 private:
  struct Running {
    HistoryLimits limits;
    absl::Time now;
    TrimDone done;
    uint64_t dropped = 0;
  };

  void Step(std::unique_ptr<Running> trim);
  void Finish(std::unique_ptr<Running> trim, absl::Status status);
  void PostStep(std::unique_ptr<Running> trim);

  RecordStore& disk_;
  base::Executor& writer_;
  base::Executor& callbacks_;
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);

  base::Mutex mu_;
  bool running_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace rollcall::store
