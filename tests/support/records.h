// Makes records as the commands write them, for tests that begin below the commands.
#pragma once

#include <string>

#include "rollcall/internal/v1/records.pb.h"
#include "server/model/ids.h"
#include "server/model/names.h"

namespace rollcall::testing {

inline v1::InstanceSpec SpecOf(const std::string& service, const std::string& id) {
  v1::InstanceSpec spec;
  spec.set_namespace_(kDefaultNamespace);
  spec.set_service(service);
  spec.set_id(id);
  spec.set_lifetime(v1::LIFETIME_EPHEMERAL);
  v1::Endpoint& endpoint = *spec.add_endpoints();
  endpoint.set_address("10.0.0.1");
  endpoint.set_port(80);
  return spec;
}

inline v1::InstanceSpec StaticSpecOf(const std::string& service, const std::string& id) {
  v1::InstanceSpec spec = SpecOf(service, id);
  spec.set_lifetime(v1::LIFETIME_STATIC);
  return spec;
}

inline InstanceName Name(const std::string& service, const std::string& id) {
  return {{kDefaultNamespace, service}, id};
}

inline internal::v1::InstanceRecord InstanceOf(const v1::InstanceSpec& spec,
                                               const std::string& session, uint64_t epoch) {
  internal::v1::InstanceRecord record;
  *record.mutable_spec() = spec;
  record.set_session_id(session);
  record.set_lease_epoch(epoch);
  record.mutable_stamp()->set_cause(v1::CAUSE_REGISTERED);
  return record;
}

inline internal::v1::SessionRecord SessionOf(const std::string& id,
                                             internal::v1::SessionState state) {
  internal::v1::SessionRecord record;
  record.set_id(id);
  record.set_state(state);
  record.mutable_ttl()->set_seconds(10);
  return record;
}

}  // namespace rollcall::testing
