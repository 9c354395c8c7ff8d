#include "tests/bench/peers/etcd_side.h"

#include "absl/strings/str_cat.h"
#include "tests/bench/load/calls.h"
#include "tests/bench/peers/etcd_audience.h"
#include "tests/bench/peers/etcd_callers.h"
#include "tests/bench/peers/etcd_crowd.h"
#include "tests/bench/peers/records.h"
#include "tests/bench/sides/victim.h"

namespace rollcall::bench {

std::vector<pid_t> EtcdSide::servers() const { return {etcd_->member(0).process().pid()}; }

std::string EtcdSide::address() const {
  return absl::StrCat("127.0.0.1:", etcd_->member(0).port());
}

std::unique_ptr<Caller> EtcdSide::Registering(const RegisterShape& shape) {
  return std::make_unique<EtcdRegisterCaller>(loop_, address(), shape);
}
std::unique_ptr<Caller> EtcdSide::Expiring(absl::Time end) {
  return std::make_unique<EtcdExpiringCaller>(loop_, address(), end);
}
std::unique_ptr<Caller> EtcdSide::Resolving(int instances, int connections) {
  return std::make_unique<EtcdResolveCaller>(loop_, address(), instances, connections);
}
std::unique_ptr<Caller> EtcdSide::Changing(int instances) {
  return std::make_unique<EtcdChangeCaller>(loop_, address(), instances);
}
std::unique_ptr<Crowd> EtcdSide::Gather(const CrowdShape& shape) {
  return std::make_unique<EtcdCrowd>(loop_, address(), shape);
}
std::unique_ptr<Audience> EtcdSide::Watch(const AudienceShape& shape, Heard heard) {
  return std::make_unique<EtcdAudience>(loop_, address(), shape, std::move(heard));
}
std::unique_ptr<integration::Process> EtcdSide::StartVictim(uint64_t mark, absl::Duration ttl) {
  return LaunchVictim("etcd", address(), mark, ttl);
}

bool EtcdSide::Kill() {
  etcd_->Kill(0);
  return true;
}

void EtcdSide::StartAgain() {
  etcd_->Restart(0);
  etcd_->AwaitHealthy();
  const std::shared_ptr<EtcdClient> client = EtcdClient::Connect(loop_, address(), 1);
  etcdserverpb::RangeRequest count;
  count.set_key(kRoot);
  count.set_range_end(EndOf(kRoot));
  count.set_count_only(true);
  CallEach(loop_, 1, 1, [&](uint64_t, Done done) { client->Range(0, count, std::move(done)); });
}

}  // namespace rollcall::bench
