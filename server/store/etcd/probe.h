// Probe: keeps the contact with etcd fresh while nothing else is asked of it, with a small
// linearizable read; what it reads shows whether this is our store still, and how far etcd is.
//
// Lives on one executor.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/store/etcd/calls.h"
#include "server/store/etcd/contact.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/etcd/store_fence.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class Probe {
 public:
  struct Options {
    absl::Duration every = absl::Milliseconds(300);
    absl::Duration within = absl::Seconds(1);
  };
  // `told`: how far the watch has told. `on_seen` hears where etcd stands. Begins at once.
  Probe(Calls& calls, const Contact& contact, const KeyPrefix& prefix, StoreFence& fence,
        base::Executor& executor, const base::Clock& clock, Options options,
        std::function<Revision()> told, std::function<void(Revision)> on_seen);

 private:
  void ArmFrom(base::Instant last);
  void OnTimer();
  void Read();
  void OnRead(Revision told_before, const absl::StatusOr<pb::RangeResponse>& answer);

  Calls& calls_;
  const Contact& contact_;
  const std::string key_;
  StoreFence& fence_;
  base::Executor& executor_;
  const base::Clock& clock_;
  const Options options_;
  const std::function<Revision()> told_;
  const std::function<void(Revision)> on_seen_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
