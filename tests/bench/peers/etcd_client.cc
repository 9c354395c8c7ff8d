#include "tests/bench/peers/etcd_client.h"

#include <algorithm>
#include <utility>

#include "tests/bench/load/calls.h"
#include "tests/bench/peers/records.h"

namespace rollcall::bench {

namespace pb = etcdserverpb;

std::shared_ptr<EtcdClient> EtcdClient::Connect(Loop& loop, const std::string& address,
                                                int connections) {
  return std::shared_ptr<EtcdClient>(new EtcdClient(loop, address, connections));
}

EtcdClient::EtcdClient(Loop& loop, const std::string& address, int connections)
    : loop_(loop), channels_(bench::Connect(address, connections)) {
  for (const auto& channel : channels_) {
    connections_.push_back(
        {pb::Lease::NewStub(channel), pb::KV::NewStub(channel),
         std::make_unique<grpc::TemplatedGenericStub<pb::PutRequest, pb::PutResponse>>(channel),
         std::make_unique<grpc::TemplatedGenericStub<pb::RangeRequest, grpc::ByteBuffer>>(
             channel)});
  }
}

void EtcdClient::Put(uint64_t n, const pb::PutRequest& request, Done done) {
  auto& stub = *ConnectionOf(n).put;
  UnaryCall<pb::PutResponse>::Start(
      loop_,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        auto reader = stub.PrepareUnaryCall(context, "/etcdserverpb.KV/Put", request, queue);
        reader->StartCall();
        return reader;
      },
      std::move(done));
}

void EtcdClient::Range(uint64_t n, const pb::RangeRequest& request, Done done) {
  auto& stub = *ConnectionOf(n).range;
  UnaryCall<grpc::ByteBuffer>::Start(
      loop_,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        auto reader = stub.PrepareUnaryCall(context, "/etcdserverpb.KV/Range", request, queue);
        reader->StartCall();
        return reader;
      },
      std::move(done));
}

void EtcdClient::Grant(uint64_t n, absl::Duration ttl, Granted granted) {
  pb::LeaseGrantRequest request;
  request.set_ttl(std::max<int64_t>(absl::ToInt64Seconds(ttl), 1));
  UnaryCall<pb::LeaseGrantResponse>::Start(
      loop_,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return ConnectionOf(n).lease->AsyncLeaseGrant(context, request, queue);
      },
      UnaryCall<pb::LeaseGrantResponse>::Ended(
          [granted = std::move(granted)](const grpc::Status& status,
                                         const pb::LeaseGrantResponse& response) mutable {
            granted(status.ok() ? response.error() : status.error_message(), response.id());
          }));
}

void EtcdClient::Write(uint64_t n, int64_t lease, const std::vector<std::string>& paths,
                       size_t bytes, Done done) {
  pb::TxnRequest txn;
  for (const std::string& path : paths) {
    pb::PutRequest& put = *txn.add_success()->mutable_request_put();
    put.set_key(path);
    put.set_lease(lease);
    put.set_value(Record(bytes));
  }
  if (paths.size() == 1) return Put(n, txn.success(0).request_put(), std::move(done));
  UnaryCall<pb::TxnResponse>::Start(
      loop_,
      [&](grpc::ClientContext* context, grpc::CompletionQueue* queue) {
        return ConnectionOf(n).kv->AsyncTxn(context, txn, queue);
      },
      std::move(done));
}

void EtcdClient::Register(uint64_t n, absl::Duration ttl, std::vector<std::string> paths,
                          size_t bytes, Granted done) {
  Grant(n, ttl,
        [self = shared_from_this(), n, paths = std::move(paths), bytes, done = std::move(done)](
            absl::string_view error, int64_t lease) mutable {
          if (!error.empty()) return done(error, 0);
          self->Write(n, lease, paths, bytes,
                      [done = std::move(done), lease](absl::string_view error) mutable {
                        done(error, error.empty() ? lease : 0);
                      });
        });
}

int64_t EtcdClient::RegisterNow(absl::Duration ttl, const std::vector<std::string>& paths) {
  const auto granted = std::make_shared<int64_t>(0);
  CallEach(loop_, 1, 1, [&](uint64_t, Done done) {
    Grant(0, ttl,
          [granted, done = std::move(done)](absl::string_view error, int64_t lease) mutable {
            *granted = lease;
            done(error);
          });
  });
  for (auto next = paths.begin(); next != paths.end();) {
    const auto end = next + std::min<std::ptrdiff_t>(paths.end() - next, kMostAtOnce);
    CallEach(loop_, 1, 1, [&](uint64_t, Done done) {
      Write(0, *granted, std::vector<std::string>(next, end), kRecordBytes, std::move(done));
    });
    next = end;
  }
  return *granted;
}

std::string EndOf(std::string prefix) {
  ++prefix.back();  // No prefix of the bench ends in 0xFF.
  return prefix;
}

}  // namespace rollcall::bench
