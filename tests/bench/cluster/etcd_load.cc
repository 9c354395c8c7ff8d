#include "tests/bench/cluster/etcd_load.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace rollcall::bench {
namespace {

namespace pb = etcdserverpb;

struct Registering {
  grpc::ClientContext grant_context;
  pb::LeaseGrantRequest grant;
  pb::LeaseGrantResponse granted;
  grpc::ClientContext put_context;
  pb::TxnRequest txn;
  pb::TxnResponse put;
  Done done;
};

}  // namespace

EtcdLoad::EtcdLoad(const std::vector<std::string>& members, size_t value_bytes)
    : value_(value_bytes, 'v') {
  for (const std::string& member : members) {
    const auto channel = grpc::CreateChannel(member, grpc::InsecureChannelCredentials());
    members_.push_back({pb::Lease::NewStub(channel), pb::KV::NewStub(channel)});
  }
}

void EtcdLoad::Register(uint64_t n, Done done) {
  const Member& member = members_[n % members_.size()];
  auto registering = std::make_shared<Registering>();
  registering->done = std::move(done);
  registering->grant.set_ttl(600);
  // etcd's own Put, as the one operation of a Txn without guards: what the wire has of it here.
  pb::PutRequest& put = *registering->txn.add_success()->mutable_request_put();
  put.set_key(absl::StrCat("/plain/bench-", n % 1000, "/instance-", n));
  put.set_value(value_);
  member.lease->async()->LeaseGrant(
      &registering->grant_context, &registering->grant, &registering->granted,
      [&member, registering](const grpc::Status& granted) {
        if (!granted.ok()) return registering->done(granted.error_message());
        registering->txn.mutable_success(0)->mutable_request_put()->set_lease(
            registering->granted.id());
        member.kv->async()->Txn(&registering->put_context, &registering->txn, &registering->put,
                                [registering](const grpc::Status& status) {
                                  registering->done(status.error_message());
                                });
      });
}

}  // namespace rollcall::bench
