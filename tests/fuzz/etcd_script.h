// EtcdScript: an etcd whose answers come from the input of a fuzzer, whatever was asked.
//
// An answer comes when Run() hands it out, later than its question. Once the input is used up,
// every answer is an error. One thread.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/store/etcd/etcd_api.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/target.h"

namespace rollcall::fuzz {

namespace pb = etcdserverpb;

class EtcdScript final : public etcd::EtcdApi {
 public:
  explicit EtcdScript(Bytes answers) : answers_(answers) {}

  // Until nothing is asked any more.
  void Run() {
    while (!due_.empty()) {
      auto answer = std::move(due_.front());
      due_.pop_front();
      answer();
    }
  }

  void Range(pb::RangeRequest request, absl::Duration, Done<pb::RangeResponse> done) override {
    Expect(!request.key().empty(), "a request names a key");
    Answer(std::move(done));
  }
  void Txn(pb::TxnRequest, absl::Duration, Done<pb::TxnResponse> done) override {
    Answer(std::move(done));
  }
  void Compact(pb::CompactionRequest, absl::Duration, Done<pb::CompactionResponse> done) override {
    Answer(std::move(done));
  }
  void LeaseGrant(pb::LeaseGrantRequest, absl::Duration,
                  Done<pb::LeaseGrantResponse> done) override {
    Answer(std::move(done));
  }
  void LeaseRevoke(pb::LeaseRevokeRequest, absl::Duration,
                   Done<pb::LeaseRevokeResponse> done) override {
    Answer(std::move(done));
  }
  void LeaseKeepAlive(pb::LeaseKeepAliveRequest, absl::Duration,
                      Done<pb::LeaseKeepAliveResponse> done) override {
    Answer(std::move(done));
  }
  std::unique_ptr<etcd::WatchHandle> Watch(pb::WatchCreateRequest, etcd::WatchEvents&) override {
    return std::make_unique<etcd::WatchHandle>();
  }
  void Status(absl::Duration, absl::AnyInvocable<void(std::vector<MemberStatus>)> done) override {
    due_.push_back([done = std::move(done)]() mutable { done({}); });
  }
  void Alarm(pb::AlarmRequest, absl::Duration, Done<pb::AlarmResponse> done) override {
    Answer(std::move(done));
  }

 private:
  template <typename Response>
  absl::StatusOr<Response> Next() {
    if (answers_.empty()) return absl::UnavailableError("no more answers");
    Response response;
    if (!response.ParseFromString(answers_.Part())) return absl::InternalError("no answer");
    return response;
  }
  template <typename Response>
  void Answer(Done<Response> done) {
    due_.push_back([this, done = std::move(done)]() mutable { done(Next<Response>()); });
  }

  Bytes answers_;
  std::deque<absl::AnyInvocable<void()>> due_;
};

}  // namespace rollcall::fuzz
