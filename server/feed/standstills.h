// Standstills: when a node stood still of late (stopped, or out of processor time), so that it does
// not count against those it waits for: what they sent meanwhile it has not read.
//
// Told by whoever does something regularly how late that was. Pure: time is an argument.
// Thread-compatible.
#pragma once

#include <algorithm>
#include <deque>

#include "absl/time/time.h"
#include "client-sdk/base/instant.h"

namespace rollcall::feed {

class Standstills {
 public:
  // `longest`: the longest time that anybody waits; what lies further back is forgotten.
  explicit Standstills(absl::Duration longest) : longest_(longest) {}

  // Was due at `due`, is done `now`.
  void Late(base::Instant due, base::Instant now) {
    while (!all_.empty() && now - all_.front().end > 2 * longest_) all_.pop_front();
    if (now > due) all_.push_back({due, now});
  }

  // How long the node has run since `since`.
  absl::Duration RunSince(base::Instant since, base::Instant now) const {
    absl::Duration run = now - since;
    for (const Standstill& one : all_) {
      if (one.end > since) run -= one.end - std::max(one.begin, since);
    }
    return run;
  }

 private:
  struct Standstill {
    base::Instant begin;
    base::Instant end;
  };
  const absl::Duration longest_;
  std::deque<Standstill> all_;
};

}  // namespace rollcall::feed
