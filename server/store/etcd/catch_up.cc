#include "server/store/etcd/catch_up.h"

#include <algorithm>
#include <utility>

#include "server/model/keys.h"

namespace rollcall::etcd {

CatchUp::CatchUp(Calls& calls, const KeyPrefix& prefix, Barrier& barrier, base::Executor& executor,
                 const base::Clock& clock, base::Random& random, Callbacks callbacks)
    : calls_(calls),
      prefix_(prefix),
      barrier_(barrier),
      executor_(executor),
      clock_(clock),
      random_(random),
      callbacks_(std::move(callbacks)) {}

void CatchUp::Begin(Revision start) {
  Stop();
  start_ = start;
  AskTarget();
}

void CatchUp::Stop() {
  lifeline_.Cut();
  target_.reset();
}

void CatchUp::Told(Revision revision) {
  told_ = std::max(told_, revision);
  Check();
}

void CatchUp::AskTarget() {
  barrier_.Ask(
      lifeline_.Guard([this](const absl::StatusOr<Revision>& target) { OnTarget(target); }));
}

void CatchUp::OnTarget(const absl::StatusOr<Revision>& target) {
  if (!target.ok()) return Retry(target.status(), &CatchUp::AskTarget);
  target_ = *target;
  Check();
}

void CatchUp::Check() {
  if (!target_ || told_ < *target_) return;
  target_.reset();
  ReadStart();
}

void CatchUp::ReadStart() {
  pb::RangeRequest request;
  request.set_key(prefix_.Full(kStoreKey));
  request.set_count_only(true);
  request.set_revision(static_cast<int64_t>(start_.value()));
  calls_.Range(std::move(request), kWithin,
               lifeline_.Guard([this](const absl::StatusOr<pb::RangeResponse>& answer) {
                 OnStartRead(answer.status());
               }));
}

void CatchUp::OnStartRead(const absl::Status& status) {
  if (!status.ok() && !absl::IsOutOfRange(status)) return Retry(status, &CatchUp::ReadStart);
  backoff_.Reset();
  callbacks_.done(status);
}

void CatchUp::Retry(const absl::Status& why, void (CatchUp::*step)()) {
  callbacks_.trouble(why);
  executor_.PostAt(clock_.Steady() + backoff_.Next(random_),
                   lifeline_.Guard([this, step] { (this->*step)(); }));
}

}  // namespace rollcall::etcd
