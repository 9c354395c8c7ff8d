// ApiClient: GrpcEtcdApi on an executor of its own, asked by a test that waits for the answers.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "client-sdk/base/random.h"
#include "client-sdk/base/system_clock.h"
#include "client-sdk/base/thread_executor.h"
#include "server/store/etcd/grpc/grpc_etcd_api.h"
#include "tests/integration/support/mailbox.h"

namespace rollcall::integration {

namespace pb = etcdserverpb;
using etcd::EtcdApi;

// Uses the endpoints in the order given, as the product does.
etcd::GrpcEtcdOptions OptionsFor(const std::string& endpoints);
// The same, and does not take a member for hung that only has too little processor time.
etcd::GrpcEtcdOptions PatientOptionsFor(const std::string& endpoints);

class ApiClient {
 public:
  explicit ApiClient(etcd::GrpcEtcdOptions options);
  explicit ApiClient(const std::string& endpoints) : ApiClient(PatientOptionsFor(endpoints)) {}
  ~ApiClient();

  // For example Ask(&EtcdApi::Range, request).
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(void (EtcdApi::*method)(Request, absl::Duration,
                                                       EtcdApi::Done<Response>),
                               std::type_identity_t<Request> request,
                               absl::Duration within = kSoon) {
    return Await(AskLater(method, std::move(request), within));
  }
  // The same without waiting: the answer comes into the mailbox.
  template <typename Request, typename Response>
  std::shared_ptr<Mailbox<absl::StatusOr<Response>>> AskLater(
      void (EtcdApi::*method)(Request, absl::Duration, EtcdApi::Done<Response>),
      std::type_identity_t<Request> request, absl::Duration within = kSoon) {
    auto answers = std::make_shared<Mailbox<absl::StatusOr<Response>>>();
    executor_.Post([=, this, request = std::move(request)]() mutable {
      (api_.get()->*method)(std::move(request), within, [answers](absl::StatusOr<Response> answer) {
        answers->Put(std::move(answer));
      });
    });
    return answers;
  }
  template <typename T>
  static T Await(const std::shared_ptr<Mailbox<T>>& answers) {
    std::optional<T> answer = answers->Take(2 * kSoon);
    if (!answer) Fail("no answer from the etcd api");
    return *std::move(answer);
  }

  std::vector<EtcdApi::MemberStatus> Status(absl::Duration within = kSoon);
  // Of one put or range; throw if it fails.
  int64_t Put(const std::string& key, const std::string& value);
  std::string Get(const std::string& key);

  // Runs `task` on the executor and waits for its end.
  void Run(base::Executor::Task task);
  EtcdApi& api() { return *api_; }
  // Destroys the api, on the executor.
  void Drop();

 private:
  base::SystemClock clock_;
  base::SecureRandom random_;
  base::ThreadExecutor executor_;
  std::unique_ptr<EtcdApi> api_;
};

// A watch and what it heard.
class WatchUnderTest final : public etcd::WatchEvents {
 public:
  WatchUnderTest(ApiClient& client, pb::WatchCreateRequest request);
  // Ends it; nothing is heard afterwards.
  ~WatchUnderTest() override;

  void OnResponse(pb::WatchResponse response) override { responses.Put(std::move(response)); }
  void OnEnd(absl::Status why) override { ends.Put(std::move(why)); }

  // The next answer or the end; throws if it is not what was asked for.
  pb::WatchResponse Next(absl::Duration limit = kSoon);
  absl::Status End(absl::Duration limit = kSoon);

  Mailbox<pb::WatchResponse> responses;
  Mailbox<absl::Status> ends;

 private:
  ApiClient& client_;
  std::unique_ptr<etcd::WatchHandle> handle_;
};

pb::RangeRequest RangeOf(const std::string& key, const std::string& range_end = "");
pb::TxnRequest PutOf(const std::string& key, const std::string& value, int64_t lease = 0);
// Put only if the key was last changed at this revision; 0: is not there.
pb::TxnRequest GuardedPutOf(const std::string& key, const std::string& value, int64_t revision);
// All keys of a prefix, from this revision on; 0: from now on.
pb::WatchCreateRequest WatchOf(const std::string& prefix, int64_t revision = 0);

}  // namespace rollcall::integration
