// The keys of records in the store, and back.
//
//   s/<session id>                        SessionRecord
//   i/<namespace>/<service>/<id>          InstanceRecord
//   o/<namespace>/<service>/<id>          OverrideRecord
//   v/<namespace>/<service>               ServiceRecord
//   m/horizon                             HorizonRecord
//
// In a cluster's store beside them, seen by the nodes alone:
//
//   n/<node id>                           NodeRecord, leased: the node is present
//   e/<office>                            leased: the id of the node that holds the office
//   c/store, c/barrier, c/audit           StoreRecord, nothing, AuditRecord
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
inline constexpr char kInstancePrefix[] = "i/";
// The first key that might stand behind those of all instances.
inline constexpr char kBehindInstances[] = "i0";
inline constexpr char kHorizonKey[] = "m/horizon";
std::string NodeKeyOf(const NodeId& id);
inline constexpr char kNodePrefix[] = "n/";
inline constexpr char kOfficePrefix[] = "e/";
inline constexpr char kSweeperKey[] = "e/sweeper";
inline constexpr char kReloadKey[] = "e/reload";
inline constexpr char kStoreKey[] = "c/store";
inline constexpr char kBarrierKey[] = "c/barrier";
inline constexpr char kAuditKey[] = "c/audit";

enum class KeyKind { kRecord, kLeased, kControl };
// By the first letter; what is of no known kind counts as a record.
KeyKind KindOf(absl::string_view key);

struct OverrideName {
  InstanceName instance;
};
struct HorizonName {};
// What a record's key names; nullopt for any other key.
using RecordName = std::variant<SessionId, InstanceName, OverrideName, ServiceName, HorizonName>;
std::optional<RecordName> ParseKey(absl::string_view key);

}  // namespace rollcall
