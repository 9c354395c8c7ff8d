// InstanceFacts: the records that concern one instance, as they stood at one revision, and what
// follows from them; by the same rules as the live catalog.
//
// Pure; refers to records that others own.
#pragma once

#include "rollcall/internal/v1/records.pb.h"
#include "rollcall/v1/types.pb.h"
#include "server/model/versioned.h"

namespace rollcall::history {

// What history needs of a session.
struct SessionPoint {
  internal::v1::SessionState state = internal::v1::SESSION_STATE_UNSPECIFIED;
  internal::v1::Stamp stamp;
  // Of the last change of `state`.
  Revision changed;
};

struct InstanceFacts {
  const Versioned<internal::v1::InstanceRecord>& instance;
  // The session of `instance`; no record for a static one, or if the session is purged.
  const Versioned<SessionPoint>& session;
  // Its tombstone counts: it decides nothing, but it is newer than what stood before.
  const Versioned<internal::v1::OverrideRecord>& override_record;

  bool registered() const { return instance.exists() && !instance->removed(); }
  // STANDING_UNSPECIFIED if it is not registered.
  v1::Standing standing() const;
  // Must be registered.
  v1::Instance ToInstance() const;
};

}  // namespace rollcall::history
