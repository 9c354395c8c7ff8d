// SimClusterNode: a node of a cluster under virtual time: at a FakeEtcd that it shares with others,
// with its own copy of the store on a disk that syncs nothing.
//
// It is what rollcalld --store etcd runs but for gRPC, RocksDB and threads. Crash() ends it as
// SIGKILL and a loss of power do: nothing it still had to do is done, and of the copy the last
// writes may be gone. Freeze() is SIGSTOP. What is wrong between it and etcd outlives the process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/store/embedded/disk_replica.h"
#include "server/store/etcd/etcd_leases.h"
#include "server/store/etcd/etcd_store.h"
#include "server/store/etcd/testing/fake_etcd_client.h"
#include "server/store/record_hash.h"
#include "tests/sim/sim_peers.h"
#include "tests/sim/sim_server.h"
#include "tests/sim/tied_executor.h"
#include "tests/sim/world/drifting_clock.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/store_embedded/replayed_disk.h"

namespace rollcall::sim {

class SimClusterNode final : public SimServer {
 public:
  // Each finished line of the node's log.
  using LogSink = std::function<void(absl::string_view)>;
  static constexpr absl::Duration kPresenceLease = absl::Seconds(5);
  // Of changes that wait for its disk: few, so that it is outgrown.
  static constexpr size_t kMostBacklogBytes = 8 << 10;

  SimClusterNode(std::string id, etcd::FakeEtcd& etcd, testing::FakeClock& clock,
                 base::Executor& queue, uint64_t seed, LogSink log,
                 absl::Duration resume_window = absl::Minutes(10));
  ~SimClusterNode() override;

  // Before Start: whom it may ask; otherwise no other node answers it.
  void Join(PeerNetwork& peers);
  // Of its machine. Its rate is set before the first Start.
  DriftingClock& machine_clock() { return machine_clock_; }
  const DriftingClock& machine_clock() const { return machine_clock_; }
  const std::string& id() const { return id_; }
  std::string address() const { return id_ + ":7400"; }

  void Start();
  void Crash();
  // SIGTERM: sends its clients elsewhere, says goodbye, and ends.
  void Stop();
  void SetFrozen(bool frozen);
  bool frozen() const;
  // For how much of this time it was stopped, and how often.
  struct Pauses {
    absl::Duration total;
    int count = 0;
  };
  Pauses PausesBetween(base::Instant from, base::Instant to) const;
  bool running() const { return process_ != nullptr; }

  // It has opened its store, or presumed it.
  bool up() const override;
  base::Instant ItsTime(base::Instant world) const override {
    return machine_clock_.FromWorld(world);
  }
  node::Node& node() override;
  base::Executor& executor() override;

  // -- Between it and etcd.
  void SetReach(etcd::Reach reach);
  void SetChances(const etcd::Chances& chances);
  void HoldWatches(bool held);
  void CutConnections();
  // Its next write is carried out, and the connection breaks before the answer.
  void LoseNextAnswer();

  // Its watch misses the next change of this record, as by a bug: what it holds is wrong then.
  void MissNext(const std::string& key);
  // When that was last asked for.
  std::optional<base::Instant> misled() const { return misled_; }

  // While set, writes are refused, as by a disk that is full.
  void SetDiskFull(bool full);
  // Each of its writes takes so long.
  void SetDiskTime(absl::Duration each);
  // As far as its disk holds the store; nullopt: nothing.
  std::optional<Revision> PositionOnDisk();
  // What its disk holds of the store.
  store::RecordsHash OnDisk();

 private:
  struct Process;

  void ApplyFaults();

  const std::string id_;
  etcd::FakeEtcd& etcd_;
  testing::FakeClock& clock_;
  DriftingClock machine_clock_{clock_};
  base::Executor& queue_;
  base::SeededRandom random_;
  const LogSink log_sink_;
  const absl::Duration resume_window_;
  PeerNetwork* peers_ = nullptr;
  bool stopping_ = false;
  store::ReplayedDisk disk_;
  etcd::Reach reach_ = etcd::Reach::kOpen;
  etcd::Chances chances_;
  bool held_ = false;
  std::optional<base::Instant> misled_;
  absl::Duration disk_time_ = absl::ZeroDuration();
  // The last may be under way.
  std::vector<std::pair<base::Instant, base::Instant>> pauses_;
  std::unique_ptr<Process> process_;
};

}  // namespace rollcall::sim
