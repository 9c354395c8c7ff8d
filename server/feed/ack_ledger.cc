#include "server/feed/ack_ledger.h"

#include <algorithm>

namespace rollcall::feed {

void AckLedger::Sent(Revision revision, base::Instant now, bool expected) {
  const bool news = revision > sent_;
  sent_ = std::max(sent_, revision);
  if (!expected || !news) return;
  if (!unacknowledged_.empty() && now - unacknowledged_.back().since < kGrain) {
    unacknowledged_.back().newest = revision;
  } else {
    unacknowledged_.push_back({revision, now});
  }
}

bool AckLedger::Acknowledged(Revision revision) {
  if (revision > sent_) return false;
  acknowledged_ = std::max(acknowledged_, revision);
  const auto open =
      std::find_if(unacknowledged_.begin(), unacknowledged_.end(),
                   [this](const Unacknowledged& entry) { return entry.newest > acknowledged_; });
  unacknowledged_.erase(unacknowledged_.begin(), open);
  return true;
}

std::optional<base::Instant> AckLedger::waiting_since() const {
  if (unacknowledged_.empty()) return std::nullopt;
  return unacknowledged_.front().since;
}

}  // namespace rollcall::feed
