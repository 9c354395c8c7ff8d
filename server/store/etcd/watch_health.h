// WatchHealth: finds a watch that stands but tells nothing.
//
// A watch is stuck when something is certain to come (it was not yet created, or a revision of our
// own writing was not told) and nothing at all has come for kPatience. Revisions that etcd has
// reached by itself may be another user's: they only make it suspect, and one that is suspect for
// kPatience needs a barrier, whose write then is certain. Pure; thread-compatible.
#pragma once

#include <algorithm>
#include <optional>

#include "absl/time/time.h"
#include "client-sdk/base/instant.h"
#include "server/model/ids.h"

namespace rollcall::etcd {

class WatchHealth {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(5);

  // `revision` was written under the store's prefix.
  void Expect(Revision revision, base::Instant now) {
    if (revision <= told_) return;
    if (expected_ <= told_) expected_since_ = now;
    expected_ = std::max(expected_, revision);
  }
  void Told(Revision revision) { told_ = std::max(told_, revision); }
  // etcd stands at `revision`. True: it is time for a barrier.
  bool Suspects(Revision revision, base::Instant now) {
    if (!suspect_ || *suspect_ <= told_) {
      suspect_.reset();
      if (revision > told_) suspect_ = revision;
      suspect_since_ = now;
      return false;
    }
    if (now - suspect_since_ < kPatience) return false;
    suspect_since_ = now;
    return true;
  }

  // When the watch, last heard of at `heard`, is to be given up; nullopt: nothing is missing.
  std::optional<base::Instant> GiveUpAt(bool created, base::Instant heard) const {
    if (created && expected_ <= told_) return std::nullopt;
    const base::Instant since = expected_ > told_ ? std::max(heard, expected_since_) : heard;
    return since + kPatience;
  }

 private:
  Revision told_;
  Revision expected_;
  base::Instant expected_since_;
  std::optional<Revision> suspect_;
  base::Instant suspect_since_;
};

}  // namespace rollcall::etcd
