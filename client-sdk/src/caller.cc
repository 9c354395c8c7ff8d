#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "client-sdk/base/mutex.h"
#include "client-sdk/src/caller_core.h"
#include "rollcall/call.h"

namespace rollcall {
namespace {

// One call: its attempts one after another, under one deadline.
//
// Thread-safe: answers may come on any thread, the timer on the client's.
class OngoingCall : public std::enable_shared_from_this<OngoingCall> {
 public:
  OngoingCall(std::shared_ptr<sdk::CallerCore> core, absl::Duration timeout,
              Caller::AsyncFunction function, Caller::Done done)
      : core_(std::move(core)),
        deadline_(core_->clock().Steady() + timeout),
        function_(std::move(function)),
        done_(std::move(done)) {}

  // All is over when it returns, if the function answers before it returns.
  void StartAndWait() {
    core_->OnCall();
    core_->AwaitView(deadline_);
    Try(absl::OkStatus());
  }
  void Start() {
    core_->OnCall();
    {
      base::MutexLock lock(mu_);
      timer_ =
          core_->executor().PostAt(deadline_, [self = shared_from_this()] { self->OnDeadline(); });
    }
    core_->WhenView(deadline_, [self = shared_from_this()] { self->Try(absl::OkStatus()); });
  }

 private:
  void Try(absl::Status last);
  void OnAnswer(int number, absl::Status answer);
  void OnDeadline();
  // Nobody is tried any more. `last`: of the attempt before; OK: there was none.
  void GiveUp(absl::Status last, absl::Status without_any);
  void Finish(absl::Status status);

  const std::shared_ptr<sdk::CallerCore> core_;
  const base::Instant deadline_;
  Caller::AsyncFunction function_;
  base::Mutex mu_;
  Caller::Done done_ ABSL_GUARDED_BY(mu_);
  Picked picked_ ABSL_GUARDED_BY(mu_);
  int attempts_ ABSL_GUARDED_BY(mu_) = 0;
  // The attempt whose answer is awaited; 0: none.
  int awaited_ ABSL_GUARDED_BY(mu_) = 0;
  std::set<std::string> tried_ ABSL_GUARDED_BY(mu_);
  std::optional<base::Executor::TimerId> timer_ ABSL_GUARDED_BY(mu_);
};

void OngoingCall::Try(absl::Status last) {
  const absl::Duration left = deadline_ - core_->clock().Steady();
  if (left <= absl::ZeroDuration()) {
    return GiveUp(std::move(last),
                  core_->HasInstance()
                      ? absl::DeadlineExceededError("no time was left for the call")
                      : absl::UnavailableError(core_->NoInstance()));
  }
  Attempt attempt;
  {
    base::MutexLock lock(mu_);
    if (done_ == nullptr) return;  // The deadline was faster.
    Picked picked = core_->Pick(tried_);
    if (picked) {
      attempt.instance = picked.instance();
      attempt.timeout = core_->AttemptTimeout(left, attempts_);
      attempt.deadline = core_->clock().Wall() + attempt.timeout;
      attempt.number = ++attempts_;
      awaited_ = attempt.number;
      tried_.insert(picked->id);
      picked_ = std::move(picked);
    }
  }
  if (attempt.instance == nullptr) {
    return GiveUp(std::move(last), absl::UnavailableError(core_->NoInstance()));
  }
  function_(attempt, [self = shared_from_this(), number = attempt.number](absl::Status answer) {
    self->OnAnswer(number, std::move(answer));
  });
}

void OngoingCall::OnAnswer(int number, absl::Status answer) {
  Picked picked;
  {
    base::MutexLock lock(mu_);
    if (awaited_ != number) return;  // Twice, or too late.
    awaited_ = 0;
    picked = std::move(picked_);
  }
  core_->ReportOutcome(*picked, answer);
  if (answer.ok() || !core_->MayRetry(answer, number)) return Finish(std::move(answer));
  Try(std::move(answer));
}

void OngoingCall::OnDeadline() {
  Picked picked;
  int attempts = 0;
  {
    base::MutexLock lock(mu_);
    timer_.reset();
    awaited_ = 0;
    picked = std::move(picked_);
    attempts = attempts_;
  }
  // It waited for the first view in vain.
  if (attempts == 0) return Finish(absl::UnavailableError(core_->NoInstance()));
  const absl::Status late = absl::DeadlineExceededError("the call took too long");
  if (picked) core_->ReportOutcome(*picked, late);
  Finish(late);
}

void OngoingCall::GiveUp(absl::Status last, absl::Status without_any) {
  if (last.ok()) return Finish(std::move(without_any));
  core_->ReturnRetry();
  Finish(std::move(last));
}

void OngoingCall::Finish(absl::Status status) {
  Caller::Done done;
  std::optional<base::Executor::TimerId> timer;
  {
    base::MutexLock lock(mu_);
    done = std::exchange(done_, nullptr);
    timer = std::exchange(timer_, std::nullopt);
  }
  if (timer) core_->executor().Cancel(*timer);
  if (done != nullptr) done(std::move(status));
}

}  // namespace

Caller::Caller(Subscription subscription, std::shared_ptr<sdk::CallerCore> core)
    : subscription_(std::make_shared<Subscription>(std::move(subscription))),
      core_(std::move(core)) {}
Caller::Caller(Caller&&) noexcept = default;
Caller& Caller::operator=(Caller&&) noexcept = default;
Caller::~Caller() = default;

absl::Status Caller::Call(const Function& function) const {
  return Call(core_->options().timeout, function);
}

absl::Status Caller::Call(absl::Duration timeout, const Function& function) const {
  absl::Status outcome;
  std::make_shared<OngoingCall>(
      core_, timeout,
      [&function](const Attempt& attempt, const Done& done) { done(function(attempt)); },
      [&outcome](absl::Status status) { outcome = std::move(status); })
      ->StartAndWait();
  return outcome;
}

void Caller::CallAsync(AsyncFunction function, Done done) const {
  CallAsync(core_->options().timeout, std::move(function), std::move(done));
}

void Caller::CallAsync(absl::Duration timeout, AsyncFunction function, Done done) const {
  std::make_shared<OngoingCall>(core_, timeout, std::move(function), std::move(done))->Start();
}

Picked Caller::Pick() const { return core_->Pick({}); }

void Caller::ReportOutcome(const Instance& instance, const absl::Status& outcome) const {
  core_->ReportOutcome(instance, outcome);
}

const Subscription& Caller::subscription() const { return *subscription_; }

std::vector<std::string> Caller::SetAside() const { return core_->Aside(); }

}  // namespace rollcall
