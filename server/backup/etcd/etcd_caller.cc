#include "server/backup/etcd/etcd_caller.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/backoff.h"
#include "client-sdk/base/mutex.h"
#include "server/store/etcd/outcomes.h"

namespace rollcall::backup {
namespace {

constexpr absl::Duration kOneCall = absl::Seconds(10);
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);

// Something that comes from the executor's thread.
template <typename T>
class Awaited {
 public:
  void Set(T value) {
    base::MutexLock lock(mu_);
    value_ = std::move(value);
    changed_.NotifyAll();
  }
  T Get(const std::function<void()>& turn) {
    while (turn && !there()) turn();
    base::MutexLock lock(mu_);
    while (!value_) changed_.Wait(mu_);
    return *std::move(value_);
  }

 private:
  bool there() {
    base::MutexLock lock(mu_);
    return value_.has_value();
  }
  base::Mutex mu_;
  base::CondVar changed_;
  std::optional<T> value_ ABSL_GUARDED_BY(mu_);
};

// Of a request that neither end's gRPC lets through, whatever etcd itself would say to it.
bool IsTooLarge(const absl::Status& status) {
  return absl::IsResourceExhausted(status) &&
         absl::StrContains(status.message(), "larger than max");
}

}  // namespace

template <typename Response>
absl::StatusOr<Response> EtcdCaller::CallOnce(const Start<Response>& start) {
  const auto answer = std::make_shared<Awaited<absl::StatusOr<Response>>>();
  edges_.executor.Post([start, answer] {
    start([answer](absl::StatusOr<Response> response) { answer->Set(std::move(response)); });
  });
  return answer->Get(edges_.turn);
}

void EtcdCaller::Pause(absl::Duration span) {
  const auto over = std::make_shared<Awaited<bool>>();
  edges_.executor.PostAt(edges_.clock.Steady() + span, [over] { over->Set(true); });
  over->Get(edges_.turn);
}

template <typename Response>
absl::StatusOr<Response> EtcdCaller::Call(const Start<Response>& start) {
  const base::Instant end = edges_.clock.Steady() + patience_;
  base::Backoff backoff(kFirstPause, kLongestPause);
  while (true) {
    absl::StatusOr<Response> answer = CallOnce(start);
    if (answer.ok()) return answer;
    if (IsTooLarge(answer.status())) return absl::InvalidArgumentError(answer.status().message());
    switch (etcd::FailingOf(answer.status())) {
      case etcd::Failing::kUnknown:
        break;
      case etcd::Failing::kTooMuch:
        return absl::InvalidArgumentError(answer.status().message());
      case etcd::Failing::kNoSpace:
      case etcd::Failing::kRefused:
        return etcd::RefusalOf(answer.status());
    }
    if (edges_.clock.Steady() >= end) {
      return absl::UnavailableError(
          absl::StrCat("etcd does not answer: ", answer.status().message(),
                       "; see that a majority of its members runs"));
    }
    Pause(backoff.Next(edges_.random));
  }
}

absl::StatusOr<etcd::pb::RangeResponse> EtcdCaller::Range(const etcd::pb::RangeRequest& request) {
  return Call<etcd::pb::RangeResponse>(
      [this, request](auto done) { edges_.api.Range(request, kOneCall, std::move(done)); });
}

absl::StatusOr<etcd::pb::TxnResponse> EtcdCaller::Txn(const etcd::pb::TxnRequest& request) {
  return Call<etcd::pb::TxnResponse>(
      [this, request](auto done) { edges_.api.Txn(request, kOneCall, std::move(done)); });
}

}  // namespace rollcall::backup
