// StoreWatch: looks at etcd's members every now and then, and says what will soon be wrong.
//
// It warns when a database passes 80 % and 95 % of the quota, once at each crossing, and when an
// alarm is raised or gone. On the sweeper it puts out a NOSPACE alarm by itself once every member
// is small enough again, which takes a compaction and a defragmentation; if the alarm comes back,
// the quota is another than we were told, and it waits longer each time. An etcd that is shared
// with others keeps its alarms.
//
// Belongs to the executor, which is the EtcdApi's, but for state(), which is thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "client-sdk/base/mutex.h"
#include "server/cluster/store_state.h"
#include "server/observe/log.h"
#include "server/store/etcd/etcd_api.h"

namespace rollcall::cluster {

class StoreWatch {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(15);
    absl::Duration within = absl::Seconds(5);
    // etcd's --quota-backend-bytes, which it does not tell.
    int64_t quota_bytes = int64_t{2} << 30;
    // May put out alarms; not where others have their keys too.
    bool disarm = true;
  };
  // Below this share of the quota there is space again.
  static constexpr double kRoomy = 0.8;

  StoreWatch(etcd::EtcdApi& etcd, base::Executor& executor, const base::Clock& clock,
             observe::Log& log, Options options);

  // Looks now and then every interval.
  void Start();
  // Whether this node is the sweeper.
  void SetActive(bool active) { active_ = active; }

  // As of the last look; never null.
  std::shared_ptr<const StoreState> state() const;

 private:
  // Of a member's id and what it raised.
  using Alarms = std::set<std::pair<uint64_t, etcd::pb::AlarmType>>;

  void Look();
  void OnStatus(base::Instant asked, std::vector<etcd::EtcdApi::MemberStatus> members);
  void OnAlarms(StoreState state, const absl::StatusOr<etcd::pb::AlarmResponse>& answer);
  void NoteAlarms(const StoreState& state, Alarms alarms);
  void NoteSizes(const StoreState& state);
  void NoteSize(const StoreMember& member);
  void Publish(StoreState state);
  bool MayDisarm(const StoreState& state) const;
  void Disarm();
  std::string NameOf(const StoreState& state, uint64_t member) const;

  etcd::EtcdApi& etcd_;
  base::Executor& executor_;
  const base::Clock& clock_;
  observe::Log& log_;
  const Options options_;
  bool active_ = false;
  // What is known of the alarms; kept while etcd cannot be asked.
  Alarms alarms_;
  // By endpoint: how many of the thresholds its size has passed.
  std::map<std::string, int> passed_;
  // No alarm is put out before.
  base::Instant next_disarm_;
  absl::Duration disarm_wait_;
  base::Lifeline lifeline_;

  mutable base::Mutex mu_;
  std::shared_ptr<const StoreState> state_ ABSL_GUARDED_BY(mu_) = std::make_shared<StoreState>();
};

}  // namespace rollcall::cluster
