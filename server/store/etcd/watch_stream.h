// WatchStream: one watch of etcd's on all keys of the store, for as long as it lasts.
//
// Passes on what its assembler makes of the answers, and as the last thing, once, that it is over.
// Lives on one executor; must not be destroyed from within its events (see Retire).
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/instant.h"
#include "server/store/etcd/change_assembler.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class WatchStream final : private WatchEvents {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnWatchCreated() = 0;
    virtual void OnWatchChange(store::ChangeSet change) = 0;
    // OUT_OF_RANGE: what the watch was to tell is not kept any more.
    virtual void OnWatchEnd(absl::Status why) = 0;
  };

  // Opens a watch from behind `told`, a revision whose change set had the time `told_at`.
  WatchStream(EtcdApi& api, const KeyPrefix& prefix, const base::Clock& clock, Revision told,
              absl::Time told_at, Listener& listener);

  bool created() const { return assembler_.created(); }
  // When it was last heard of; at first, when it was opened.
  base::Instant heard() const { return heard_; }
  absl::Time told_at() const { return assembler_.told_at(); }

  // Says nothing any more, and is destroyed by a task of its own.
  static void Retire(std::unique_ptr<WatchStream> stream, base::Executor& executor);

 private:
  void OnResponse(pb::WatchResponse response) override;
  void OnEnd(absl::Status why) override;
  void End(absl::Status why);

  const base::Clock& clock_;
  ChangeAssembler assembler_;
  Listener* listener_;  // null: over
  base::Instant heard_;
  std::unique_ptr<WatchHandle> handle_;
};

}  // namespace rollcall::etcd
