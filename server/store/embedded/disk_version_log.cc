#include "server/store/embedded/disk_version_log.h"

#include <utility>

#include "server/store/embedded/disk_version_view.h"
#include "server/store/embedded/trim_step.h"

namespace rollcall::store {

DiskVersionLog::DiskVersionLog(RecordStore& disk, base::Executor& writer, base::Executor& callbacks)
    : disk_(disk), writer_(writer), callbacks_(callbacks) {}

absl::StatusOr<std::unique_ptr<const VersionView>> DiskVersionLog::Read() const {
  return DiskVersionView::Open(disk_.Snapshot());
}

void DiskVersionLog::Trim(HistoryLimits limits, absl::Time now, TrimDone done) {
  auto trim = std::make_unique<Running>(Running{limits, now, std::move(done)});
  {
    base::MutexLock lock(mu_);
    if (!running_) {
      running_ = true;
      PostStep(std::move(trim));
      return;
    }
  }
  callbacks_.Post([trim = std::move(trim)] {
    trim->done(absl::AbortedError("history is being trimmed already"));
  });
}

void DiskVersionLog::PostStep(std::unique_ptr<Running> trim) {
  writer_.Post([this, alive = std::weak_ptr<const bool>(alive_), trim = std::move(trim)]() mutable {
    if (!alive.expired()) Step(std::move(trim));
  });
}

void DiskVersionLog::Step(std::unique_ptr<Running> trim) {
  const absl::StatusOr<uint64_t> dropped = TrimStep(disk_, trim->limits, trim->now);
  if (!dropped.ok() || *dropped == 0) {
    Finish(std::move(trim), dropped.status());
    return;
  }
  trim->dropped += *dropped;
  PostStep(std::move(trim));
}

void DiskVersionLog::Finish(std::unique_ptr<Running> trim, absl::Status status) {
  {
    base::MutexLock lock(mu_);
    running_ = false;
  }
  callbacks_.Post([alive = std::weak_ptr<const bool>(alive_), trim = std::move(trim),
                   status = std::move(status)]() mutable {
    if (alive.expired()) return;
    if (status.ok()) {
      trim->done(trim->dropped);
    } else {
      trim->done(std::move(status));
    }
  });
}

}  // namespace rollcall::store
