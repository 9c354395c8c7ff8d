// The keys of records in the store, and back.
//
//   s/<session id>                        SessionRecord
//   i/<namespace>/<service>/<id>          InstanceRecord
//   o/<namespace>/<service>/<id>          OverrideRecord
//   v/<namespace>/<service>               ServiceRecord
//   m/horizon                             HorizonRecord
//
// Validated names hold no '/', so keys sort by their parts and parse without escapes. Key order is
// the order of changes within one revision.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "server/model/ids.h"

namespace rollcall {

std::string SessionKeyOf(const SessionId& id);
std::string InstanceKeyOf(const InstanceName& name);
std::string OverrideKeyOf(const InstanceName& name);
std::string ServiceKeyOf(const ServiceName& name);
inline constexpr char kHorizonKey[] = "m/horizon";

struct OverrideName {
  InstanceName instance;
};
struct HorizonName {};
// What a key names; nullopt for a key of no known kind.
using RecordName = std::variant<SessionId, InstanceName, OverrideName, ServiceName, HorizonName>;
std::optional<RecordName> ParseKey(absl::string_view key);

}  // namespace rollcall
