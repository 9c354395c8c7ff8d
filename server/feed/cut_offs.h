// CutOffs: acknowledging watchers that were cut off, remembered for a while, so that a drain does
// not pass over one because it was too slow to be kept.
//
// Such a client still uses what it knew. It is forgotten when it is back (the same client name,
// host and service, subscribed after the cut-off) and has acknowledged all that it was sent, or
// after kRemembered. At most kMost are kept; the oldest goes.
//
// Shared by a node's publishers, for a client may come back to another one. Thread-safe; time is an
// argument.
#pragma once

#include <list>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "client-sdk/base/instant.h"
#include "client-sdk/base/mutex.h"
#include "rollcall/v1/operations.pb.h"
#include "server/model/ids.h"

namespace rollcall::feed {

class CutOffs {
 public:
  static constexpr absl::Duration kRemembered = absl::Minutes(5);
  static constexpr size_t kMost = 1000;

  struct Entry {
    std::string client_name;
    std::string peer;
    ServiceName service;  // as subscribed: service empty for all
    Revision sent;
    Revision acknowledged;
    // When the oldest revision that it did not acknowledge was sent.
    base::Instant waiting_since;
    base::Instant cut_off_at;
  };

  void Remember(Entry entry, base::Instant now);
  // A client that subscribed at `subscribed` has acknowledged all that it was sent.
  void CaughtUp(const std::string& client_name, const std::string& peer, const ServiceName& service,
                base::Instant subscribed);
  // Adds those that have not acknowledged `revision` of the service, but for the ones that are back
  // and are named already.
  void AddLaggards(const ServiceName& service, Revision revision, base::Instant now,
                   v1::GetDrainStatusResponse& status);

 private:
  void ForgetOld(base::Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  base::Mutex mu_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mu_);  // oldest first
};

}  // namespace rollcall::feed
