// FakeEtcd: an etcd cluster in memory, shared by all nodes of a test or a simulated world, that
// keeps exactly etcd's promises and can be made to fail. Nodes reach it through FakeEtcdClient.
//
// Faithful to 3.4 where it surprises: compares before puts; the limit of operations shared with
// nested Txns (txn_rules.h); puts in nested Txns pass a full database; a watch that catches up
// tells the newest revision before it has told its events; a watch from exactly the compacted
// revision misses the deletions of it; a write sent without quorum may be carried out later, or
// never.
//
// Everything happens as tasks on one executor under one clock, with chance from one generator: the
// same calls give the same history. For the thread of that executor; outlives its clients.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/testing/etcd_state.h"

namespace rollcall::etcd {

class FakeWatch;

struct FakeEtcdOptions {
  EtcdState::Options state;
  int members = 3;
  // etcd's limit of a message: larger responses of a watch are split, if it allows it.
  size_t fragment_bytes = size_t{2} << 20;
  absl::Duration progress_interval = absl::Minutes(10);
  // A request that needs quorum is answered "request timed out" after it.
  absl::Duration request_timeout = absl::Seconds(7);
  // Streams break so long after quorum was lost.
  absl::Duration no_leader_after = absl::Seconds(3);
  // Leases are looked at so often.
  absl::Duration lease_check = absl::Milliseconds(500);
  // The chance that a write which came without quorum is carried out once there is one again.
  double late_commit = 0.5;
};

class FakeEtcd {
 public:
  using Options = FakeEtcdOptions;

  FakeEtcd(base::Executor& executor, const base::Clock& clock, base::Random& random,
           Options options = {});
  ~FakeEtcd();
  FakeEtcd(const FakeEtcd&) = delete;
  FakeEtcd& operator=(const FakeEtcd&) = delete;

  // -- As seen by nobody's network: at once, whatever the faults.

  // Both answer the revision that it made.
  int64_t Put(const std::string& key, const std::string& value);
  int64_t Delete(const std::string& key);
  std::optional<pb::KeyValue> Get(const std::string& key) const { return keys().Get(key); }
  int64_t revision() const { return keys().revision(); }
  absl::Status Compact(int64_t revision);
  const Keyspace& keys() const { return state_.keys(); }
  EtcdState& state() { return state_; }
  // Requests of nodes carried out so far that were not reads.
  int writes() const { return writes_; }

  // -- Failures of the cluster.

  // Cuts the members off from each other.
  void SetQuorum(bool quorum);
  // Stops or starts a member; the first that is up leads, a majority has to be.
  void SetMemberUp(int member, bool up);
  // Stops and starts all members: connections break, leases begin anew, the keys are kept.
  void Restart();
  void ChangeLeader();
  void RaiseNoSpace();
  bool available() const { return quorum_; }

  // -- For FakeEtcdClient.

  // A request as it reaches the cluster.
  struct Arrival {
    enum class Needs { kMember, kQuorum, kQuorumToWrite };
    Needs needs;
    base::Executor::Task carry_out;
    absl::AnyInvocable<void(absl::Status)> refuse;
  };
  void Arrive(Arrival arrival);
  void AddWatch(std::weak_ptr<FakeWatch> watch);
  // Why a stream cannot stand now.
  absl::Status StreamsStand() const;
  std::vector<EtcdApi::MemberStatus> Statuses() const;
  void Stamp(pb::ResponseHeader& header) const;
  // A lease id that nobody has used.
  int64_t FreeLeaseId() { return next_lease_id_++; }

  base::Executor& executor() { return executor_; }
  base::Instant now() const { return clock_.Steady(); }
  base::Random& random() { return random_; }
  const Options& options() const { return options_; }

 private:
  struct Waiting {
    Arrival arrival;
    bool refused = false;
  };

  base::Executor::Task WhileAlive(base::Executor::Task task);
  bool any_member_up() const;
  int leader() const;
  void Wait(Arrival arrival);
  void GiveUpOn(uint64_t id);
  void RefuseWaiting(const absl::Status& why);
  void SettleWaiting();
  // To be called after whatever may have changed the state.
  void Changed();
  void UpdateQuorum();
  void QuorumLost();
  void EndStreams(const absl::Status& why);
  void ScheduleExpiry();
  void ExpireLeases();
  void TellProgress();
  std::vector<std::shared_ptr<FakeWatch>> Watches();

  base::Executor& executor_;
  const base::Clock& clock_;
  base::Random& random_;
  const Options options_;
  EtcdState state_;
  int writes_ = 0;
  int64_t next_lease_id_ = 0x694d'0000;
  uint64_t term_ = 2;
  std::vector<bool> members_up_;
  bool partitioned_ = false;
  // A majority is up and not cut off.
  bool quorum_ = true;
  // Members know of a leader; ends some time after quorum.
  bool leader_known_ = true;
  uint64_t quorum_changes_ = 0;
  // In the order in which they came.
  std::map<uint64_t, Waiting> waiting_;
  uint64_t next_waiting_ = 1;
  std::vector<std::weak_ptr<FakeWatch>> watches_;
  bool progress_ticks_ = false;
  base::Instant expiry_due_ = base::Instant::InfiniteFuture();
  const std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace rollcall::etcd
