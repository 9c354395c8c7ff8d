#include "tests/bench/peers/etcd_victim.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <thread>

#include "absl/strings/str_cat.h"
#include "etcd/rpc.grpc.pb.h"
#include "tests/bench/load/rpc.h"
#include "tests/bench/peers/records.h"
#include "tests/bench/sides/wire.h"
#include "tests/integration/support/stopping.h"

namespace rollcall::bench {
namespace {

namespace pb = etcdserverpb;

// The lease; 0 if it is refused.
int64_t Register(const std::shared_ptr<grpc::Channel>& channel, uint64_t mark, absl::Duration ttl) {
  pb::LeaseGrantRequest grant;
  grant.set_ttl(absl::ToInt64Seconds(ttl));
  pb::LeaseGrantResponse granted;
  grpc::ClientContext granting;
  if (!pb::Lease::NewStub(channel)->LeaseGrant(&granting, grant, &granted).ok()) return 0;
  pb::TxnRequest txn;
  pb::PutRequest& put = *txn.add_success()->mutable_request_put();
  put.set_key(InstancePath(kWatched, absl::StrCat("victim-", mark)));
  put.set_value(Record(kRecordBytes));
  put.set_lease(granted.id());
  pb::TxnResponse written;
  grpc::ClientContext writing;
  return pb::KV::NewStub(channel)->Txn(&writing, txn, &written).ok() ? granted.id() : 0;
}

}  // namespace

int BeEtcdVictim(const std::string& address, uint64_t mark, absl::Duration ttl) {
  const Channels channels = Connect(address, 1);
  pb::LeaseKeepAliveRequest beat;
  beat.set_id(Register(channels[0], mark, ttl));
  if (beat.id() == 0) return 1;
  const auto stub = pb::Lease::NewStub(channels[0]);
  grpc::ClientContext context;
  const auto stream = stub->LeaseKeepAlive(&context);
  std::printf("registered.\n");
  std::fflush(stdout);
  std::thread reader([&] {
    pb::LeaseKeepAliveResponse answer;
    while (stream->Read(&answer)) {
    }
  });
  const integration::Stopping never;
  // As etcd's own client does.
  while (!never.Within(ttl / 3)) {
    if (!stream->Write(beat)) break;
  }
  reader.join();
  return 0;
}

}  // namespace rollcall::bench
