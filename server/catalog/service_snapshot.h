// ServiceSnapshot: one service as it stood at one revision: its instances by id, and everything
// that changed in it, newest first, including removals that are not yet purged.
//
// Immutable once published and shared by reference: resolves, watchers and pickers read it from any
// thread without a lock. Instances are already encoded as rollcall.v1.Instance, so answers are made
// by joining bytes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "rollcall/v1/types.pb.h"
#include "server/model/ids.h"

namespace rollcall::catalog {

// Shared by all instances of a session.
using SharedSessionId = std::shared_ptr<const SessionId>;

// One registered instance. Immutable.
struct InstanceView {
  std::string id;
  // The largest revision of what it derives from: the instance and override records, and its
  // session's state.
  Revision revision;
  LeaseEpoch lease_epoch;
  v1::Standing standing = v1::STANDING_UNSPECIFIED;
  uint32_t effective_weight = 0;
  std::string zone;
  SharedSessionId session;  // null: static
  // rollcall.v1.Instance, serialised.
  std::string encoded;

  // Parses the spec out of `encoded`; for selectors and people, not for hot paths.
  v1::InstanceSpec Spec() const;
};

// One removed instance, remembered until purged. Immutable.
struct RemovedView {
  std::string id;
  Revision revision;
  v1::Cause cause = v1::CAUSE_UNSPECIFIED;
  std::string actor;
  std::string evidence;
  absl::Time time;
};

struct ServiceSnapshot {
  using Live = std::shared_ptr<const InstanceView>;
  using Gone = std::shared_ptr<const RemovedView>;
  // Exactly one of the two is set.
  struct Entry {
    Live live;
    Gone gone;
    Revision revision() const { return live ? live->revision : gone->revision; }
    const std::string& id() const { return live ? live->id : gone->id; }
  };

  ServiceName name;
  // The store's revision when this was made: everything in it is at or below, nothing of the
  // service at or below is missing.
  Revision revision;
  // Live instances, by id.
  std::vector<Live> instances;
  // Every entry, newest revision first; within a revision by id.
  std::vector<Entry> by_revision;
  // Live instances by standing, indexed by v1::Standing.
  std::array<uint32_t, 8> counts{};
};

}  // namespace rollcall::catalog
