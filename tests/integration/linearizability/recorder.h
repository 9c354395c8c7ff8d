// Recorder: what clients on many threads ask and are answered, by one steady clock. Thread-safe.
#pragma once

#include <string>
#include <utility>

#include "client-sdk/base/mutex.h"
#include "tests/integration/support/bounded.h"
#include "tests/linearizability/instance_model.h"
#include "tests/linearizability/override_model.h"
#include "tests/linearizability/recorded.h"

namespace rollcall::integration {

template <typename Model>
class Recorder {
 public:
  using Call = typename Model::Call;
  using Id = typename linearizability::Recorded<Model>::Id;

  // `clock` is shared by all recorders of a test.
  explicit Recorder(const Stopwatch& clock) : clock_(clock) {}

  linearizability::Instant Now() const { return absl::ToInt64Nanoseconds(clock_.elapsed()); }

  Id Ask(const std::string& key, Call call) { return AskAt(key, std::move(call), Now()); }
  // Of what cannot happen before a time to come.
  Id AskAt(const std::string& key, Call call, linearizability::Instant when) {
    base::MutexLock lock(mu_);
    return recorded_.Ask(key, std::move(call), when);
  }
  void Answer(const Id& id, Call answered) {
    const linearizability::Instant now = Now();
    base::MutexLock lock(mu_);
    recorded_.At(id) = std::move(answered);
    recorded_.Return(id, now);
    ++answered_;
  }
  // A failure: without effect, or nobody knows.
  void Fail(const Id& id, int code) {
    base::MutexLock lock(mu_);
    if (!linearizability::MayBeDone(code)) recorded_.Drop(id);
  }
  linearizability::History<Call> History() const {
    base::MutexLock lock(mu_);
    return recorded_.History();
  }
  int answered() const {
    base::MutexLock lock(mu_);
    return answered_;
  }

 private:
  const Stopwatch& clock_;
  mutable base::Mutex mu_;
  linearizability::Recorded<Model> recorded_ ABSL_GUARDED_BY(mu_);
  int answered_ ABSL_GUARDED_BY(mu_) = 0;
};

struct Recorders {
  const Stopwatch clock{};
  Recorder<linearizability::InstanceModel> instances{clock};
  Recorder<linearizability::OverrideModel> overrides{clock};
};

}  // namespace rollcall::integration
