// Compactor: lets etcd forget what no node and no watcher can ask for any more: revisions older
// than the resume window.
//
// Runs on every node, so that whoever becomes the sweeper knows what was applied a window ago, and
// acts only on the sweeper. The window is measured on the steady clock by samples of (time, applied
// revision); after a start it begins anew, so nothing is forgotten early. An etcd that is shared
// with others is left to them: do not start it then.
//
// Belongs to the executor, which is the EtcdApi's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/model/ids.h"
#include "server/observe/log.h"
#include "server/store/etcd/etcd_api.h"

namespace rollcall::cluster {

class Compactor {
 public:
  struct Options {
    absl::Duration resume_window = absl::Minutes(10);
  };

  // `applied`: the revision that this node has applied.
  Compactor(etcd::EtcdApi& etcd, base::Executor& executor, const base::Clock& clock,
            observe::Log& log, std::function<Revision()> applied, Options options);

  void Start();
  // Whether this node is the sweeper.
  void SetActive(bool active);

  // The newest revision that this node has seen compacted; 0: none.
  Revision compacted() const { return compacted_; }

 private:
  static constexpr int kSamplesPerWindow = 10;
  static constexpr absl::Duration kWithin = absl::Seconds(10);

  void Tick();
  void Sample();
  // The newest revision that was applied a window ago; 0: not known.
  Revision OldEnough() const;
  void Compact();
  void OnCompacted(Revision revision, const absl::Status& status);

  etcd::EtcdApi& etcd_;
  base::Executor& executor_;
  const base::Clock& clock_;
  observe::Log& log_;
  const std::function<Revision()> applied_;
  const Options options_;
  bool active_ = false;
  bool compacting_ = false;
  Revision compacted_;
  std::deque<std::pair<base::Instant, Revision>> samples_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::cluster
