// AckLedger: what one subscription was sent, what it acknowledged, and since when the oldest
// unacknowledged revision is out.
//
// Revisions sent within kGrain of each other count as sent with the first of them, so a ledger
// holds at most kWatcherCutOff / kGrain entries before its watcher is cut off. Pure: time is an
// argument. Thread-compatible.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "client-sdk/base/instant.h"
#include "server/model/ids.h"

namespace rollcall::feed {

class AckLedger {
 public:
  static constexpr absl::Duration kGrain = absl::Milliseconds(100);

  // `expected`: the watcher will acknowledge this.
  void Sent(Revision revision, base::Instant now, bool expected);
  // False if `revision` is above all that was sent. Older ones than the last say nothing new.
  bool Acknowledged(Revision revision);

  Revision sent() const { return sent_; }
  Revision acknowledged() const { return acknowledged_; }
  // When the oldest unacknowledged revision was sent; nullopt if all are acknowledged.
  std::optional<base::Instant> waiting_since() const;

 private:
  struct Unacknowledged {
    Revision newest;
    base::Instant since;
  };
  Revision sent_;
  Revision acknowledged_;
  std::vector<Unacknowledged> unacknowledged_;  // oldest first
};

}  // namespace rollcall::feed
