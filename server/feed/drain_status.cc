#include "server/feed/drain_status.h"

#include <algorithm>

#include "absl/container/btree_map.h"
#include "server/model/limits.h"
#include "server/model/times.h"

namespace rollcall::feed {
namespace {

struct Row {
  bool acknowledges = false;
  const Subscription* laggard = nullptr;  // the one that is furthest behind
};

bool HasApplied(const Subscription& s, Revision revision, Revision heard) {
  if (s.ledger.acknowledged() >= revision) return true;
  const bool told_all = std::holds_alternative<UpToDate>(s.phase) && s.ledger.sent() > Revision(0);
  return told_all && std::max(s.cursor, heard) >= revision && !s.ledger.waiting_since();
}

void Note(const Subscription& s, Revision revision, Revision heard, Row& row) {
  if (!s.will_ack) return;
  row.acknowledges = true;
  if (HasApplied(s, revision, heard)) return;
  if (row.laggard == nullptr || s.ledger.acknowledged() < row.laggard->ledger.acknowledged()) {
    row.laggard = &s;
  }
}

void Describe(const Subscription& s, base::Instant now, v1::DrainWatcher* out) {
  out->set_client_name(s.client_name);
  out->set_peer(s.watcher.stream->peer());
  out->set_sent_revision(s.ledger.sent().value());
  out->set_acknowledged_revision(s.ledger.acknowledged().value());
  *out->mutable_behind() = ToProto(now - s.ledger.waiting_since().value_or(now));
}

}  // namespace

v1::GetDrainStatusResponse DrainStatusOf(const Roster& roster, const ServiceName& name,
                                         Revision revision, Revision heard, base::Instant now) {
  absl::btree_map<WatcherId, Row> rows;
  roster.ForEachSubscriber(name,
                           [&](Subscription& s) { Note(s, revision, heard, rows[s.watcher.id]); });
  v1::GetDrainStatusResponse status;
  status.set_complete(true);
  for (const auto& [id, row] : rows) {
    if (!row.acknowledges) {
      status.set_silent(status.silent() + 1);
    } else if (row.laggard == nullptr) {
      status.set_applied(status.applied() + 1);
    } else {
      status.set_complete(false);
      if (static_cast<size_t>(status.laggards_size()) < kMaxLaggardsTold) {
        Describe(*row.laggard, now, status.add_laggards());
      }
    }
  }
  return status;
}

void MergeDrainStatus(const v1::GetDrainStatusResponse& from, v1::GetDrainStatusResponse& into) {
  into.set_complete(into.complete() && from.complete());
  into.set_applied(into.applied() + from.applied());
  into.set_silent(into.silent() + from.silent());
  for (const v1::DrainWatcher& laggard : from.laggards()) {
    if (static_cast<size_t>(into.laggards_size()) == kMaxLaggardsTold) return;
    *into.add_laggards() = laggard;
  }
}

}  // namespace rollcall::feed
