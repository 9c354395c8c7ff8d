// Facts: the records as they stand, for those who decide. The catalog is one; tests make their own.
//
// Not thread-safe: used on the core executor.
#pragma once

#include <vector>

#include "rollcall/internal/v1/records.pb.h"
#include "server/model/ids.h"
#include "server/model/versioned.h"

namespace rollcall {

class Facts {
 public:
  virtual ~Facts() = default;
  // A record that is a tombstone is there, with `removed` set or state ENDED. The stamp of an
  // instance record is left out.
  virtual Versioned<internal::v1::SessionRecord> Session(const SessionId& id) const = 0;
  virtual Versioned<internal::v1::InstanceRecord> Instance(const InstanceName& name) const = 0;
  virtual Versioned<internal::v1::OverrideRecord> Override(const InstanceName& name) const = 0;
  virtual Versioned<internal::v1::ServiceRecord> Service(const ServiceName& name) const = 0;
  virtual Versioned<internal::v1::HorizonRecord> Horizon() const = 0;
  // The instances registered under a session, by name.
  virtual std::vector<InstanceName> InstancesOf(const SessionId& id) const = 0;
  virtual size_t InstanceCountOf(const SessionId& id) const = 0;
  // Whether a node has announced itself and is known to live; false for one that is merely
  // unknown.
  virtual bool NodePresent(const NodeId& id) const = 0;
  // Everything at or below is in these facts.
  virtual Revision applied() const = 0;
};

}  // namespace rollcall
