// The revision of a session's state: of the last write that concerned its instances. Their views
// derive from it, so a record that is written for other reasons (a new home, an instance lost)
// changes no instance and wakes no watcher.
//
// Pure.
#pragma once

#include <algorithm>

#include "rollcall/internal/v1/records.pb.h"
#include "server/model/ids.h"
#include "server/model/versioned.h"

namespace rollcall {

// Of a record that stands at `revision`. Never above it: a record that was brought from another
// store may hold a number of that one.
inline Revision StateRevisionOf(const internal::v1::SessionRecord& record, Revision revision) {
  if (record.state_revision() == 0) return revision;
  return std::min(Revision(record.state_revision()), revision);
}

// 0 if there is no record.
inline Revision StateRevisionOf(const Versioned<internal::v1::SessionRecord>& session) {
  return session.exists() ? StateRevisionOf(*session.record, session.revision) : Revision(0);
}

// For who writes `record`, made from `old`, anew: its state is still that of `old`. Its stamp must
// be too (but for the write id): it tells why the session is in this state, and a view that is made
// anew must be the view that was.
inline void KeepState(const Versioned<internal::v1::SessionRecord>& old,
                      internal::v1::SessionRecord& record) {
  record.set_state_revision(StateRevisionOf(old).value());
}

// For who changes its state: the revision of this write counts.
inline void ChangeState(internal::v1::SessionRecord& record, internal::v1::SessionState to) {
  record.set_state(to);
  record.set_state_revision(0);
}

}  // namespace rollcall
