#include "tests/integration/etcd/api_client.h"

#include "absl/strings/str_cat.h"

namespace rollcall::integration {
namespace {

template <typename T>
T OrFail(absl::StatusOr<T> result, const std::string& what) {
  if (!result.ok()) Fail(absl::StrCat(what, ": ", result.status().ToString()));
  return *std::move(result);
}

}  // namespace

etcd::GrpcEtcdOptions OptionsFor(const std::string& endpoints) {
  etcd::GrpcEtcdOptions options;
  options.endpoints = OrFail(etcd::ParseEndpoints(endpoints), "endpoints");
  options.spread = false;
  return options;
}

etcd::GrpcEtcdOptions PatientOptionsFor(const std::string& endpoints) {
  etcd::GrpcEtcdOptions options = OptionsFor(endpoints);
  options.timing.silence = absl::Seconds(5);
  options.timing.sign_of_life = absl::Seconds(15);
  options.timing.attempt = absl::Seconds(20);
  options.timing.connect = absl::Seconds(10);
  return options;
}

ApiClient::ApiClient(etcd::GrpcEtcdOptions options) : executor_("rc-test") {
  api_ = OrFail<std::unique_ptr<etcd::GrpcEtcdApi>>(
      etcd::GrpcEtcdApi::Create(std::move(options), executor_, clock_, random_), "api");
}

ApiClient::~ApiClient() { Drop(); }

void ApiClient::Drop() {
  Run([this] { api_.reset(); });
}

void ApiClient::Run(base::Executor::Task task) {
  Mailbox<bool> done;
  executor_.Post([&done, task = std::move(task)]() mutable {
    task();
    done.Close();
  });
  if (!done.AwaitClosed(kSoon)) Fail("the executor is blocked");
}

std::vector<EtcdApi::MemberStatus> ApiClient::Status(absl::Duration within) {
  auto answers = std::make_shared<Mailbox<std::vector<EtcdApi::MemberStatus>>>();
  executor_.Post([=, this] {
    api_->Status(within, [answers](std::vector<EtcdApi::MemberStatus> all) {
      answers->Put(std::move(all));
    });
  });
  return Await(answers);
}

int64_t ApiClient::Put(const std::string& key, const std::string& value) {
  return OrFail(Ask(&EtcdApi::Txn, PutOf(key, value)), "put").header().revision();
}

std::string ApiClient::Get(const std::string& key) {
  const pb::RangeResponse found = OrFail(Ask(&EtcdApi::Range, RangeOf(key)), "range");
  return found.kvs_size() == 0 ? "" : found.kvs(0).value();
}

WatchUnderTest::WatchUnderTest(ApiClient& client, pb::WatchCreateRequest request)
    : client_(client) {
  client_.Run([&] { handle_ = client_.api().Watch(std::move(request), *this); });
}

WatchUnderTest::~WatchUnderTest() {
  client_.Run([this] { handle_.reset(); });
}

pb::WatchResponse WatchUnderTest::Next(absl::Duration limit) {
  std::optional<pb::WatchResponse> response = responses.Take(limit);
  if (response) return *std::move(response);
  const std::optional<absl::Status> end = ends.Take(absl::ZeroDuration());
  Fail(absl::StrCat("the watch is silent", end ? ", it ended: " : "", end ? end->ToString() : ""));
}

absl::Status WatchUnderTest::End(absl::Duration limit) {
  const std::optional<absl::Status> end = ends.Take(limit);
  if (!end) Fail("the watch does not end");
  return *end;
}

pb::RangeRequest RangeOf(const std::string& key, const std::string& range_end) {
  pb::RangeRequest request;
  request.set_key(key);
  request.set_range_end(range_end);
  return request;
}

pb::TxnRequest PutOf(const std::string& key, const std::string& value, int64_t lease) {
  pb::TxnRequest request;
  pb::PutRequest& put = *request.add_success()->mutable_request_put();
  put.set_key(key);
  put.set_value(value);
  put.set_lease(lease);
  return request;
}

pb::TxnRequest GuardedPutOf(const std::string& key, const std::string& value, int64_t revision) {
  pb::TxnRequest request = PutOf(key, value);
  pb::Compare& guard = *request.add_compare();
  guard.set_target(pb::Compare::MOD);
  guard.set_key(key);
  guard.set_mod_revision(revision);
  *request.add_failure()->mutable_request_range() = RangeOf(key);
  return request;
}

pb::WatchCreateRequest WatchOf(const std::string& prefix, int64_t revision) {
  pb::WatchCreateRequest request;
  request.set_key(prefix);
  std::string end = prefix;
  ++end.back();
  request.set_range_end(end);
  request.set_start_revision(revision);
  request.set_fragment(true);
  request.set_progress_notify(true);
  return request;
}

}  // namespace rollcall::integration
