#include "server/history/trimmer.h"

#include <utility>

namespace rollcall::history {

Trimmer::Trimmer(store::VersionLog& log, store::HistoryLimits limits, absl::Duration every,
                 base::Executor& executor, const base::Clock& clock, Report report)
    : log_(log),
      limits_(limits),
      every_(every),
      executor_(executor),
      clock_(clock),
      report_(std::make_shared<const Report>(std::move(report))) {
  Schedule();
}

Trimmer::~Trimmer() { executor_.Cancel(timer_); }

void Trimmer::Schedule() {
  timer_ = executor_.PostAt(clock_.Steady() + every_, [this] {
    Trim();
    Schedule();
  });
}

void Trimmer::Trim() {
  log_.Trim(limits_, clock_.Wall(), [report = report_](absl::StatusOr<uint64_t> dropped) {
    if (*report) (*report)(dropped);
  });
}

}  // namespace rollcall::history
