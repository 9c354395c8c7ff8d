// SessionFacts: what the session table asks of the catalog.
//
// Called on the health executor only, and answered from what this node has applied; the catalog
// must not change while a call runs (one executor applies and judges). No call blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "rollcall/internal/v1/records.pb.h"
#include "rollcall/v1/types.pb.h"
#include "server/model/ids.h"

namespace rollcall::health {

using SessionState = internal::v1::SessionState;

struct SessionFact {
  std::string secret_hash;  // SHA-256 of the secret, 32 bytes
  absl::Duration ttl;
  SessionState state = internal::v1::SESSION_STATE_UNSPECIFIED;
  v1::Cause ended_cause = v1::CAUSE_UNSPECIFIED;  // when ENDED
  std::string client_name;
  NodeId home;
};

struct HeldFact {
  InstanceName name;
  std::string zone;
  LeaseEpoch lease_epoch;
};

// The instances of one service in one zone.
struct ZoneCounts {
  // All, static ones too, but for those whose session has ended.
  uint32_t registered = 0;
  // Those whose session is SUSPECT, whatever an operator's override makes of their standing.
  uint32_t suspect = 0;
};

class SessionFacts {
 public:
  virtual ~SessionFacts() = default;
  virtual const StoreId& store_id() const = 0;
  virtual Revision applied() const = 0;
  // nullopt: there is no record.
  virtual std::optional<SessionFact> Find(const SessionId& id) const = 0;
  // Every session that has not ended.
  virtual std::vector<SessionId> Sessions() const = 0;
  // Those of them whose home is `node`.
  virtual std::vector<SessionId> SessionsHomedAt(const NodeId& node) const = 0;
  // Whether a node is known to live.
  virtual bool NodePresent(const NodeId& node) const = 0;
  // In key order.
  virtual std::vector<HeldFact> Held(const SessionId& id) const = 0;
  virtual ZoneCounts CountZone(const ServiceName& service, const std::string& zone) const = 0;
  // The service's own settings; unset fields mean the defaults.
  virtual v1::EvictionBrake BrakeOf(const ServiceName& service) const = 0;
};

}  // namespace rollcall::health
