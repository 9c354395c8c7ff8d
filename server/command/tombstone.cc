#include "server/command/tombstone.h"

#include "server/model/limits.h"

namespace rollcall::command {

internal::v1::InstanceRecord Tombstone(const Versioned<internal::v1::InstanceRecord>& old,
                                       const internal::v1::Stamp& stamp) {
  internal::v1::InstanceRecord record;
  v1::InstanceSpec& spec = *record.mutable_spec();
  spec.set_namespace_(old->spec().namespace_());
  spec.set_service(old->spec().service());
  spec.set_id(old->spec().id());
  *spec.mutable_locality() = old->spec().locality();
  record.set_session_id(old->session_id());
  record.set_lease_epoch(old->lease_epoch());
  record.set_create_revision(old->create_revision());
  record.set_removed(true);
  *record.mutable_stamp() = stamp;
  return record;
}

std::vector<InstanceName> GoWithSession(const Facts& facts, const SessionId& session) {
  std::vector<InstanceName> held = facts.InstancesOf(session);
  if (held.size() > kAtomicRegistrationInstances) held.clear();
  return held;
}

}  // namespace rollcall::command
