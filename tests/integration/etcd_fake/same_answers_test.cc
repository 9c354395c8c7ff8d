// FakeEtcd and etcd itself get the same random requests, and have to give the same answers.
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/system_clock.h"
#include "client-sdk/base/thread_executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/etcd/grpc/grpc_etcd_api.h"
#include "server/store/etcd/testing/etcd_state.h"
#include "server/store/etcd/testing/watch_source.h"
#include "tests/integration/support/etcd_test.h"

namespace rollcall::integration {
namespace {

namespace pb = etcdserverpb;

constexpr absl::Duration kWithin = kSoon;

// Collects events until it has heard of a revision.
class Collector final : public etcd::WatchEvents {
 public:
  explicit Collector(int64_t last) : last_(last) {}
  void OnResponse(pb::WatchResponse response) override {
    for (const pb::Event& event : response.events()) {
      absl::StrAppend(&told_, event.ShortDebugString(), "\n");
      if (event.kv().key() == "end" && event.kv().mod_revision() == last_) Finish();
    }
    if (response.canceled()) {
      absl::StrAppend(&told_, "canceled ", response.compact_revision());
      Finish();
    }
  }
  void OnEnd(absl::Status why) override {
    absl::StrAppend(&told_, why.ToString());
    Finish();
  }
  std::string Wait() { return result_.get_future().get(); }

 private:
  void Finish() {
    if (!std::exchange(finished_, true)) result_.set_value(told_);
  }

  const int64_t last_;
  std::string told_;
  bool finished_ = false;
  std::promise<std::string> result_;
};

class SameAnswersTest : public EtcdTest, public ::testing::WithParamInterface<uint64_t> {
 protected:
  void SetUp() override {
    EtcdTest::SetUp();
    if (IsSkipped()) return;
    cluster_ = std::make_unique<EtcdCluster>();
    etcd::GrpcEtcdOptions options;
    options.endpoints = *etcd::ParseEndpoints(cluster_->endpoints());
    executor_ = std::make_unique<base::ThreadExecutor>("rc-test");
    On([&] { api_ = *etcd::GrpcEtcdApi::Create(options, *executor_, clock_, random_); });
  }
  void TearDown() override {
    if (executor_ != nullptr) On([&] { api_.reset(); });
  }

  // Runs it on the executor and waits.
  template <typename F>
  void On(F f) {
    std::promise<void> done;
    executor_->Post([&] {
      f();
      done.set_value();
    });
    done.get_future().get();
  }
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(void (etcd::EtcdApi::*call)(Request, absl::Duration,
                                                           etcd::EtcdApi::Done<Response>),
                               Request request) {
    std::promise<absl::StatusOr<Response>> answer;
    executor_->Post([&] {
      (api_.get()->*call)(std::move(request), kWithin, [&](absl::StatusOr<Response> result) {
        answer.set_value(std::move(result));
      });
    });
    return answer.get_future().get();
  }

  // As text, without what names the member.
  template <typename Response>
  static std::string Text(absl::StatusOr<Response> answer) {
    if (!answer.ok()) return answer.status().ToString();
    pb::ResponseHeader& header = *answer->mutable_header();
    header.clear_cluster_id();
    header.clear_member_id();
    header.clear_raft_term();
    return answer->ShortDebugString();
  }

  // Requests over few keys, so that they meet.
  std::string Key() { return absl::StrCat("k", random_.Below(6)); }
  int64_t SomeRevision() {
    return static_cast<int64_t>(random_.Below(static_cast<uint64_t>(fake_.keys().revision()) + 3));
  }
  pb::RangeRequest SomeRange() {
    pb::RangeRequest range;
    range.set_key(Key());
    if (random_.Below(2) == 0) range.set_range_end(random_.Below(3) == 0 ? "l" : Key());
    if (random_.Below(4) == 0) range.set_range_end(std::string(1, '\0'));
    if (random_.Below(2) == 0) range.set_revision(SomeRevision());
    if (random_.Below(3) == 0) range.set_limit(static_cast<int64_t>(random_.Below(3)));
    range.set_keys_only(random_.Below(5) == 0);
    range.set_count_only(random_.Below(5) == 0);
    range.set_serializable(random_.Below(5) == 0);
    return range;
  }
  pb::Compare SomeCompare() {
    pb::Compare compare;
    compare.set_key(Key());
    compare.set_result(static_cast<pb::Compare::CompareResult>(random_.Below(4)));
    compare.set_target(static_cast<pb::Compare::CompareTarget>(random_.Below(5)));
    switch (compare.target()) {
      case pb::Compare::VERSION:
        compare.set_version(static_cast<int64_t>(random_.Below(3)));
        break;
      case pb::Compare::CREATE:
        compare.set_create_revision(SomeRevision());
        break;
      case pb::Compare::MOD:
        compare.set_mod_revision(SomeRevision());
        break;
      case pb::Compare::VALUE:
        compare.set_value(absl::StrCat(random_.Below(3)));
        break;
      default:
        compare.set_lease(static_cast<int64_t>(random_.Below(4)));
    }
    return compare;
  }
  void AddOp(google::protobuf::RepeatedPtrField<pb::RequestOp>& ops, int depth) {
    pb::RequestOp& op = *ops.Add();
    const uint64_t kind = random_.Below(depth > 0 ? 9 : 6);
    if (kind < 3) {
      op.mutable_request_put()->set_key(Key());
      op.mutable_request_put()->set_value(absl::StrCat(random_.Below(3)));
      if (random_.Below(3) == 0) {
        op.mutable_request_put()->set_lease(static_cast<int64_t>(random_.Below(4)));
      }
    } else if (kind == 3) {
      op.mutable_request_delete_range()->set_key(Key());
      if (random_.Below(3) == 0) op.mutable_request_delete_range()->set_range_end(Key());
    } else if (kind < 6) {
      *op.mutable_request_range() = SomeRange();
      op.mutable_request_range()->set_serializable(false);
      if (random_.Below(2) == 0) op.mutable_request_range()->clear_revision();
    } else {
      *op.mutable_request_txn() = SomeTxn(depth - 1);
    }
  }
  pb::TxnRequest SomeTxn(int depth) {
    pb::TxnRequest txn;
    for (uint64_t n = random_.Below(3); n > 0; --n) *txn.add_compare() = SomeCompare();
    for (uint64_t n = random_.Below(4); n > 0; --n) AddOp(*txn.mutable_success(), depth);
    for (uint64_t n = random_.Below(3); n > 0; --n) AddOp(*txn.mutable_failure(), depth);
    return txn;
  }

  void OneRequest() {
    const uint64_t kind = random_.Below(100);
    if (kind < 60) return OneTxn(SomeTxn(2));
    if (kind < 90) {
      const pb::RangeRequest range = SomeRange();
      ASSERT_EQ(Text(Ask(&etcd::EtcdApi::Range, range)), Text(fake_.Range(range)))
          << range.DebugString();
    } else if (kind < 93) {
      pb::CompactionRequest compaction;
      compaction.set_revision(SomeRevision());
      compaction.set_physical(true);
      ASSERT_EQ(Text(Ask(&etcd::EtcdApi::Compact, compaction)), Text(fake_.Compact(compaction)))
          << compaction.DebugString();
    } else if (kind < 97) {
      pb::LeaseGrantRequest grant;
      grant.set_id(1 + static_cast<int64_t>(random_.Below(3)));
      grant.set_ttl(1000);
      ASSERT_EQ(Text(Ask(&etcd::EtcdApi::LeaseGrant, grant)), Text(fake_.Grant(grant, {}, 0)));
    } else {
      pb::LeaseRevokeRequest revoke;
      revoke.set_id(1 + static_cast<int64_t>(random_.Below(3)));
      ASSERT_EQ(Text(Ask(&etcd::EtcdApi::LeaseRevoke, revoke)), Text(fake_.Revoke(revoke)));
    }
  }
  void OneTxn(const pb::TxnRequest& txn) {
    ASSERT_EQ(Text(Ask(&etcd::EtcdApi::Txn, txn)), Text(fake_.Txn(txn))) << txn.DebugString();
  }

  // What a watch tells from `start` on, up to the end mark.
  std::string WatchReal(const pb::WatchCreateRequest& request) {
    Collector collector(fake_.keys().revision());
    std::unique_ptr<etcd::WatchHandle> handle;
    On([&] { handle = api_->Watch(request, collector); });
    std::string told = collector.Wait();
    On([&] { handle.reset(); });
    return told;
  }
  std::string WatchFake(const pb::WatchCreateRequest& request) {
    Collector collector(fake_.keys().revision());
    etcd::WatchSource source(request, fake_.keys(), size_t{2} << 20);
    for (pb::WatchResponse& response : source.Take()) collector.OnResponse(std::move(response));
    return collector.Wait();
  }

  base::SystemClock clock_;
  base::SeededRandom random_{GetParam()};
  std::unique_ptr<EtcdCluster> cluster_;
  std::unique_ptr<base::ThreadExecutor> executor_;
  std::unique_ptr<etcd::GrpcEtcdApi> api_;
  etcd::EtcdState fake_{etcd::EtcdState::Options()};
};

TEST_P(SameAnswersTest, RandomRequests) {
  for (int i = 0; i < 1500; ++i) {
    OneRequest();
    if (HasFatalFailure()) {
      FAIL() << "request " << i;
    }
  }
  pb::TxnRequest end;
  end.add_success()->mutable_request_put()->set_key("end");
  OneTxn(end);
  pb::WatchCreateRequest request;
  request.set_key(std::string(1, '\0'));
  request.set_range_end(std::string(1, '\0'));
  request.set_fragment(true);
  // Deletions of exactly the compacted revision may be there or not.
  for (const int64_t start : {fake_.keys().compacted() + 1, fake_.keys().compacted() - 1}) {
    if (start < 1) continue;
    request.set_start_revision(start);
    EXPECT_EQ(WatchReal(request), WatchFake(request));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SameAnswersTest, ::testing::Values(1, 2));

}  // namespace
}  // namespace rollcall::integration
