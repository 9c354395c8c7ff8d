// FakeEtcdClient: one node's way to a FakeEtcd, and what may go wrong on it.
//
// Belongs to the node: destroyed with it, its calls are forgotten here; those under way still reach
// the cluster. All clients of a cluster run on the cluster's thread; a node's clock may go its own
// way.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/testing/fake_etcd.h"
#include "server/store/etcd/testing/faults.h"

namespace rollcall::etcd {

class FakeEtcdClient final : public EtcdApi {
 public:
  FakeEtcdClient(FakeEtcd& etcd, base::Executor& executor, const base::Clock& clock);
  ~FakeEtcdClient() override;

  void Range(pb::RangeRequest request, absl::Duration within,
             Done<pb::RangeResponse> done) override;
  void Txn(pb::TxnRequest request, absl::Duration within, Done<pb::TxnResponse> done) override;
  void Compact(pb::CompactionRequest request, absl::Duration within,
               Done<pb::CompactionResponse> done) override;
  void LeaseGrant(pb::LeaseGrantRequest request, absl::Duration within,
                  Done<pb::LeaseGrantResponse> done) override;
  void LeaseRevoke(pb::LeaseRevokeRequest request, absl::Duration within,
                   Done<pb::LeaseRevokeResponse> done) override;
  void LeaseKeepAlive(pb::LeaseKeepAliveRequest request, absl::Duration within,
                      Done<pb::LeaseKeepAliveResponse> done) override;
  std::unique_ptr<WatchHandle> Watch(pb::WatchCreateRequest request, WatchEvents& events) override;
  void Status(absl::Duration within,
              absl::AnyInvocable<void(std::vector<MemberStatus>)> done) override;
  void Alarm(pb::AlarmRequest request, absl::Duration within,
             Done<pb::AlarmResponse> done) override;

  // -- Faults.

  void SetReach(Reach reach);
  void SetChances(const Chances& chances) { chances_ = chances; }
  // The next call of this kind; several add up, in order.
  void Next(CallKind kind, Fate fate) { script_.Add(kind, fate); }
  // Is answered with this instead of reaching etcd.
  void FailNext(CallKind kind, absl::Status why) { script_.Add(kind, std::move(why)); }
  // Its watches are told nothing until it ends, as by a member that lags.
  void HoldWatches(bool held);
  void CutWatches(absl::Status why);
  // The next change of this key is told to none of its watches; no etcd does that, but for a bug.
  void MissNext(std::string key) { missed_ = std::move(key); }
  // Ends its watches and answers its calls UNAVAILABLE, whatever becomes of them.
  void CutConnections();

  int calls(CallKind kind) const;
  // Watches that stand or are being opened.
  int watches();

  // -- For FakeWatch.

  bool reachable() const { return reach_ == Reach::kOpen; }
  bool watches_held() const { return held_ || !reachable(); }
  void Censor(pb::WatchResponse& response);
  base::Executor& executor() { return executor_; }
  base::Instant now() const { return clock_.Steady(); }
  absl::Duration DrawDelay() { return chances_.DrawDelay(etcd_.random()); }

 private:
  class Handle;
  using Needs = FakeEtcd::Arrival::Needs;
  template <typename Response>
  struct Call;

  // Sends a call: `carry_out` is what it does when it has reached the cluster.
  template <typename Response>
  void Send(CallKind kind, Needs needs, absl::Duration within, Done<Response> done,
            absl::AnyInvocable<absl::StatusOr<Response>()> carry_out);
  template <typename Response>
  void SendOff(std::shared_ptr<Call<Response>> call, Needs needs, base::Instant arrives,
               absl::AnyInvocable<absl::StatusOr<Response>()> carry_out);
  // Brings the answer to the node, if the network lets it through.
  template <typename Response>
  void Answer(std::shared_ptr<Call<Response>> call, absl::StatusOr<Response> answer);
  template <typename Response>
  void Finish(const std::shared_ptr<Call<Response>>& call, absl::StatusOr<Response> answer);
  FaultScript::Step DrawStep(CallKind kind);
  std::vector<std::shared_ptr<FakeWatch>> Watches();
  base::Executor::Task WhileAlive(base::Executor::Task task);

  FakeEtcd& etcd_;
  base::Executor& executor_;
  const base::Clock& clock_;
  Chances chances_;
  FaultScript script_;
  Reach reach_ = Reach::kOpen;
  uint64_t reach_changes_ = 0;
  bool held_ = false;
  std::string missed_;  // Empty: nothing is.
  std::map<CallKind, int> calls_;
  // Calls not yet answered, in order; each is a function that answers it with an error.
  std::map<uint64_t, absl::AnyInvocable<void(absl::Status)>> open_;
  uint64_t next_call_ = 1;
  std::vector<std::weak_ptr<FakeWatch>> watches_;
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace rollcall::etcd
