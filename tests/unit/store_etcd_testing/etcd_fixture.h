// EtcdFixture: a FakeEtcd with one node at it, and short words for requests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/etcd/testing/fake_etcd.h"
#include "server/store/etcd/testing/fake_etcd_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::etcd {

inline pb::RequestOp PutOp(const std::string& key, const std::string& value = "x",
                           int64_t lease = 0) {
  pb::RequestOp op;
  op.mutable_request_put()->set_key(key);
  op.mutable_request_put()->set_value(value);
  op.mutable_request_put()->set_lease(lease);
  return op;
}
inline pb::RequestOp DeleteOp(const std::string& key, const std::string& end = "") {
  pb::RequestOp op;
  op.mutable_request_delete_range()->set_key(key);
  op.mutable_request_delete_range()->set_range_end(end);
  return op;
}
inline pb::RequestOp RangeOp(const std::string& key) {
  pb::RequestOp op;
  op.mutable_request_range()->set_key(key);
  return op;
}
inline pb::RequestOp Nested(const pb::TxnRequest& txn) {
  pb::RequestOp op;
  *op.mutable_request_txn() = txn;
  return op;
}
inline pb::Compare ModIs(const std::string& key, int64_t revision) {
  pb::Compare compare;
  compare.set_key(key);
  compare.set_target(pb::Compare::MOD);
  compare.set_mod_revision(revision);
  return compare;
}
inline pb::TxnRequest TxnOf(const std::vector<pb::RequestOp>& success,
                            const std::vector<pb::Compare>& compares = {},
                            const std::vector<pb::RequestOp>& failure = {}) {
  pb::TxnRequest txn;
  for (const auto& op : success) *txn.add_success() = op;
  for (const auto& compare : compares) *txn.add_compare() = compare;
  for (const auto& op : failure) *txn.add_failure() = op;
  return txn;
}
inline pb::RangeRequest RangeOf(const std::string& key, const std::string& end = "",
                                int64_t revision = 0) {
  pb::RangeRequest range;
  range.set_key(key);
  range.set_range_end(end);
  range.set_revision(revision);
  return range;
}

// Remembers what a watch heard.
struct Heard final : public WatchEvents {
  void OnResponse(pb::WatchResponse response) override { responses.push_back(std::move(response)); }
  void OnEnd(absl::Status why) override { end = std::move(why); }

  // "key=value" and "key-", each with "@revision".
  std::vector<std::string> Events() const {
    std::vector<std::string> events;
    for (const pb::WatchResponse& response : responses) {
      for (const pb::Event& event : response.events()) {
        const std::string what = event.type() == pb::Event::DELETE ? "-" : "=" + event.kv().value();
        events.push_back(event.kv().key() + what + "@" + std::to_string(event.kv().mod_revision()));
      }
    }
    return events;
  }

  std::vector<pb::WatchResponse> responses;
  std::optional<absl::Status> end;
};

class EtcdFixture : public ::testing::Test {
 protected:
  explicit EtcdFixture(FakeEtcdOptions options = {})
      : etcd(executor, clock, random, options), node(etcd, executor, clock) {}

  template <typename Response>
  static auto Into(std::optional<absl::StatusOr<Response>>& answer) {
    return [&answer](absl::StatusOr<Response> result) { answer = std::move(result); };
  }
  absl::StatusOr<pb::TxnResponse> Txn(pb::TxnRequest request) {
    std::optional<absl::StatusOr<pb::TxnResponse>> answer;
    node.Txn(std::move(request), absl::Seconds(2), Into(answer));
    executor.RunReady();
    if (!answer) executor.AdvanceBy(absl::Seconds(2));
    return answer.value_or(absl::InternalError("no answer at all"));
  }
  absl::StatusOr<pb::RangeResponse> Range(pb::RangeRequest request) {
    std::optional<absl::StatusOr<pb::RangeResponse>> answer;
    node.Range(std::move(request), absl::Seconds(2), Into(answer));
    executor.RunReady();
    if (!answer) executor.AdvanceBy(absl::Seconds(2));
    return answer.value_or(absl::InternalError("no answer at all"));
  }
  // The id.
  int64_t Grant(int64_t ttl) {
    pb::LeaseGrantRequest request;
    request.set_ttl(ttl);
    std::optional<absl::StatusOr<pb::LeaseGrantResponse>> answer;
    node.LeaseGrant(request, absl::Seconds(2), Into(answer));
    executor.RunReady();
    return answer.has_value() && answer->ok() ? (*answer)->id() : 0;
  }
  // The TTL told.
  int64_t KeepAlive(int64_t lease) {
    pb::LeaseKeepAliveRequest request;
    request.set_id(lease);
    std::optional<absl::StatusOr<pb::LeaseKeepAliveResponse>> answer;
    node.LeaseKeepAlive(request, absl::Seconds(2), Into(answer));
    executor.RunReady();
    return answer.has_value() && answer->ok() ? (*answer)->ttl() : -1;
  }
  std::unique_ptr<WatchHandle> Watch(Heard& heard, int64_t start = 0, bool fragment = true) {
    pb::WatchCreateRequest request;
    request.set_key("a");
    request.set_range_end("z");
    request.set_start_revision(start);
    request.set_fragment(fragment);
    request.set_progress_notify(true);
    std::unique_ptr<WatchHandle> handle = node.Watch(request, heard);
    executor.RunReady();
    return handle;
  }

  testing::FakeClock clock;
  testing::ManualExecutor executor{clock};
  base::SeededRandom random{7};
  FakeEtcd etcd;
  FakeEtcdClient node;
};

}  // namespace rollcall::etcd
