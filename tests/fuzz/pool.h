// A small registry's worth of keys and records, made of the input of a fuzzer: few names, so that
// records concern one another.
#pragma once

#include <string>

#include "rollcall/internal/v1/records.pb.h"
#include "server/model/keys.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {

inline std::string SessionIn(uint8_t byte) { return std::string("s") + char('0' + byte % 3); }

inline InstanceName InstanceIn(uint8_t byte) {
  return {{"ns", (byte & 1) != 0 ? "web" : "web-2"}, std::string("i") + char('0' + byte / 2 % 3)};
}

inline std::string KeyIn(uint8_t byte) {
  switch (byte % 8) {
    case 0:
    case 1:
      return SessionKeyOf(SessionId(SessionIn(byte / 8)));
    case 2:
      return OverrideKeyOf(InstanceIn(byte / 8));
    case 3:
      return byte / 8 % 2 == 0 ? kHorizonKey : ServiceKeyOf(InstanceIn(byte / 8).service);
    default:
      return InstanceKeyOf(InstanceIn(byte / 8));
  }
}

namespace pool {

inline void Stamp(internal::v1::Stamp& stamp, uint8_t byte) {
  stamp.mutable_time()->set_seconds(1'700'000'000 + byte);
  stamp.set_cause(static_cast<v1::Cause>(byte % 17));
  stamp.set_actor(std::string(byte % 3, 'a'));
}

inline std::string Session(Bytes& bytes) {
  internal::v1::SessionRecord record;
  record.set_state(static_cast<internal::v1::SessionState>(bytes.Byte() % 6));
  record.set_state_revision(bytes.Byte());
  Stamp(*record.mutable_stamp(), bytes.Byte());
  return BytesOf(record);
}

inline std::string Instance(const InstanceName& name, Bytes& bytes) {
  internal::v1::InstanceRecord record;
  const uint8_t flags = bytes.Byte();
  if ((flags & 1) != 0) {
    v1::InstanceSpec& spec = *record.mutable_spec();
    spec.set_namespace_(name.service.ns);
    spec.set_service(name.service.service);
    spec.set_id(name.id);
    spec.mutable_locality()->set_zone(std::string(flags / 8 % 3, 'z'));
    spec.set_start_unready((flags & 128) != 0);
    if ((flags & 64) != 0) spec.set_weight(flags);
  }
  if ((flags & 2) != 0) record.set_session_id(SessionIn(bytes.Byte()));
  record.set_removed((flags & 4) != 0);
  record.set_lease_epoch(bytes.Byte());
  record.set_create_revision(bytes.Byte() % 4);
  Stamp(*record.mutable_stamp(), bytes.Byte());
  return BytesOf(record);
}

inline std::string Override(Bytes& bytes) {
  internal::v1::OverrideRecord record;
  const uint8_t flags = bytes.Byte();
  record.set_mode(static_cast<v1::OverrideMode>(flags % 4));
  if ((flags & 4) != 0) record.set_weight(flags);
  record.set_removed((flags & 8) != 0);
  Stamp(*record.mutable_stamp(), bytes.Byte());
  return BytesOf(record);
}

}  // namespace pool

// A value for `key`: mostly a record, at times any bytes.
inline std::string ValueIn(const std::string& key, Bytes& bytes) {
  if (bytes.Byte() % 8 == 0) return bytes.Part();
  const auto name = ParseKey(key);
  if (const auto* instance = std::get_if<InstanceName>(&*name)) {
    return pool::Instance(*instance, bytes);
  }
  if (std::holds_alternative<SessionId>(*name)) return pool::Session(bytes);
  if (std::holds_alternative<OverrideName>(*name)) return pool::Override(bytes);
  return bytes.Part();
}

}  // namespace rollcall::fuzz
