#include "tests/bench/peers/etcd_callers.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/peers/records.h"
#include "tests/bench/sides/wire.h"

namespace rollcall::bench {
namespace {

EtcdClient::Granted WithoutLease(Done done) {
  return [done = std::move(done)](absl::string_view error, int64_t) mutable { done(error); };
}

}  // namespace

EtcdRegisterCaller::EtcdRegisterCaller(Loop& loop, const std::string& address,
                                       const RegisterShape& shape)
    : client_(EtcdClient::Connect(loop, address, shape.connections)), shape_(shape) {}

void EtcdRegisterCaller::Call(uint64_t n, Done done) {
  client_->Register(n, shape_.ttl, RegisteredPaths(n, shape_.instances), shape_.bytes,
                    WithoutLease(std::move(done)));
}

EtcdExpiringCaller::EtcdExpiringCaller(Loop& loop, const std::string& address, absl::Time end)
    : client_(EtcdClient::Connect(loop, address, 4)), end_(end) {}

void EtcdExpiringCaller::Call(uint64_t n, Done done) {
  client_->Register(n, end_ - absl::Now(), {DoomedPath(n)}, kRecordBytes,
                    WithoutLease(std::move(done)));
}

EtcdResolveCaller::EtcdResolveCaller(Loop& loop, const std::string& address, int instances,
                                     int connections)
    : client_(EtcdClient::Connect(loop, address, connections)) {
  client_->RegisterNow(kLong, PathsOf("resolved", instances));
  request_.set_key(ServicePath("resolved") + "/");
  request_.set_range_end(EndOf(request_.key()));
}

EtcdChangeCaller::EtcdChangeCaller(Loop& loop, const std::string& address, int instances)
    : client_(EtcdClient::Connect(loop, address, 1)), instances_(static_cast<uint64_t>(instances)) {
  request_.set_lease(client_->RegisterNow(kLong, PathsOf(kWatched, instances)));
}

void EtcdChangeCaller::Call(uint64_t n, Done done) {
  request_.set_key(InstancePath(kWatched, absl::StrCat(kWatched, "-", n % instances_)));
  request_.set_value(Record(kRecordBytes, n));
  client_->Put(n, request_, std::move(done));
}

}  // namespace rollcall::bench
