#include "client-sdk/src/caller_core.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"

namespace rollcall::sdk {
namespace {

bool Contains(const std::vector<absl::StatusCode>& codes, absl::StatusCode code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Runs what it was given the first time that it is asked to, and lets go of it. Thread-safe.
class Once {
 public:
  explicit Once(std::function<void()> task) : task_(std::move(task)) {}
  void Run() {
    std::function<void()> task;
    {
      base::MutexLock lock(mu_);
      task = std::exchange(task_, nullptr);
    }
    if (task) task();
  }

 private:
  base::Mutex mu_;
  std::function<void()> task_ ABSL_GUARDED_BY(mu_);
};

}  // namespace

CallerCore::CallerCore(std::shared_ptr<Gate> gate, std::shared_ptr<SubscriptionCell> cell,
                       const CallerOptions& options, uint64_t seed)
    : gate_(std::move(gate)),
      cell_(std::move(cell)),
      options_(options),
      patient_until_(gate_->clock().Steady() + options_.timeout),
      random_(seed),
      ejector_(options.ejection),
      budget_(options.budget) {}

void CallerCore::AwaitView(base::Instant deadline) const {
  const absl::Duration patience = std::min(deadline, patient_until_) - clock().Steady();
  if (patience <= absl::ZeroDuration()) return;
  const auto known = [this](const ServiceView&) { return cell_->IsKnown(); };
  // However it ends, what there is then is what the call gets.
  cell_->WaitFor(known, patience).IgnoreError();
}

void CallerCore::WhenView(base::Instant deadline, std::function<void()> go) const {
  const base::Instant until = std::min(deadline, patient_until_);
  if (cell_->IsKnown() || until <= clock().Steady()) return go();
  const auto once = std::make_shared<Once>(std::move(go));
  cell_->WhenKnown([once] { once->Run(); });
  executor().PostAt(until, [once] { once->Run(); });
}

void CallerCore::Refresh() {
  ViewPtr view = cell_->view();
  if (view == view_ || (picker_ != nullptr && MUTANT(picker_keeps_its_view))) return;
  PickerOptions options = options_.picker;
  if (options.seed == 0) options.seed = random_.Next() | 1;
  picker_ = Picker::Make(*view, options, picker_.get());
  ejector_.Retain(view->instances());
  view_ = std::move(view);
}

Picked CallerCore::Pick(const std::set<std::string>& tried) {
  const base::Instant now = clock().Steady();
  base::MutexLock lock(mu_);
  Refresh();
  Picked picked = picker_->PickExcept([&](const Instance& instance) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return tried.contains(instance.id) || !ejector_.Admit(instance, now);
  });
  if (picked) return picked;
  // Better one that has been failing than no answer at all.
  return picker_->PickExcept([&](const Instance& i) { return tried.contains(i.id); });
}

void CallerCore::ReportOutcome(const Instance& instance, const absl::Status& outcome) {
  const base::Instant now = clock().Steady();
  base::MutexLock lock(mu_);
  if (absl::IsCancelled(outcome)) {
    ejector_.OnNeutral(instance);
  } else if (Contains(options_.instance_faults, outcome.code())) {
    ejector_.OnFailure(instance, view_ == nullptr ? 0 : view_->serving().size(), now, random_);
  } else {
    ejector_.OnSuccess(instance);
  }
}

void CallerCore::OnCall() {
  const base::Instant now = clock().Steady();
  base::MutexLock lock(mu_);
  budget_.OnCall(now);
}

bool CallerCore::MayRetry(const absl::Status& answer, int attempts_made) {
  if (attempts_made >= options_.max_attempts) return false;
  if (!Contains(options_.retriable, answer.code())) return false;
  const base::Instant now = clock().Steady();
  base::MutexLock lock(mu_);
  return budget_.TryRetry(now);
}

void CallerCore::ReturnRetry() {
  const base::Instant now = clock().Steady();
  base::MutexLock lock(mu_);
  budget_.Return(now);
}

absl::Duration CallerCore::AttemptTimeout(absl::Duration left, int attempts_made) const {
  if (options_.attempt_timeout > absl::ZeroDuration()) {
    return std::min(left, options_.attempt_timeout);
  }
  if (!Contains(options_.retriable, absl::StatusCode::kDeadlineExceeded)) return left;
  return left / std::max(1, options_.max_attempts - attempts_made);
}

std::vector<std::string> CallerCore::Aside() const {
  const base::Instant now = clock().Steady();
  base::MutexLock lock(mu_);
  return ejector_.Aside(now);
}

std::string CallerCore::NoInstance() const {
  const ViewPtr view = cell_->view();
  if (!cell_->IsKnown()) {
    return absl::StrCat("nothing is known of \"", view->service(),
                        "\" yet: the registry has not answered");
  }
  return absl::StrCat("no instance of \"", view->service(), "\" to call (",
                      view->instances().size(), " registered)");
}

}  // namespace rollcall::sdk
