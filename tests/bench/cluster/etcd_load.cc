#include "tests/bench/cluster/etcd_load.h"

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::bench {
namespace {

namespace pb = etcdserverpb;

// First the grant, then the put.
struct GrantAndPut final : Tag {
  const uint64_t n;
  // Sends the put under the lease.
  const std::function<void(GrantAndPut&)> put;
  bench::Done done;
  grpc::ClientContext grant_context;
  pb::LeaseGrantResponse granted;
  grpc::ClientContext put_context;
  pb::TxnResponse written;
  grpc::Status status;
  bool is_granted = false;

  GrantAndPut(uint64_t n, std::function<void(GrantAndPut&)> put, bench::Done done)
      : n(n), put(std::move(put)), done(std::move(done)) {}

  void Done() override {
    if (status.ok() && !std::exchange(is_granted, true)) return put(*this);
    const std::unique_ptr<GrantAndPut> self(this);
    done(status.error_message());
  }
};

}  // namespace

EtcdLoad::EtcdLoad(const std::vector<std::string>& members, size_t value_bytes) {
  for (const std::string& member : members) {
    const auto channel = grpc::CreateChannel(member, grpc::InsecureChannelCredentials());
    members_.push_back({pb::Lease::NewStub(channel), pb::KV::NewStub(channel)});
  }
  grant_.set_ttl(600);
  // etcd's own Put, as the one operation of a Txn without guards: what the wire has of it here.
  txn_.add_success()->mutable_request_put()->set_value(std::string(value_bytes, 'v'));
}

void EtcdLoad::Register(uint64_t n, grpc::CompletionQueue& queue, Done done) {
  const Member& member = members_[n % members_.size()];
  const auto put = [this, &member, &queue](GrantAndPut& registering) {
    pb::PutRequest& put = *txn_.mutable_success(0)->mutable_request_put();
    put.set_key(absl::StrCat("/plain/bench-", registering.n % 1000, "/instance-", registering.n));
    put.set_lease(registering.granted.id());
    member.kv->AsyncTxn(&registering.put_context, txn_, &queue)
        ->Finish(&registering.written, &registering.status, static_cast<Tag*>(&registering));
  };
  auto* registering = new GrantAndPut(n, put, std::move(done));
  member.lease->AsyncLeaseGrant(&registering->grant_context, grant_, &queue)
      ->Finish(&registering->granted, &registering->status, static_cast<Tag*>(registering));
}

}  // namespace rollcall::bench
