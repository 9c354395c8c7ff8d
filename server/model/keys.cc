#include "server/model/keys.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace rollcall {
namespace {

InstanceName InstanceOf(const std::vector<absl::string_view>& parts) {
  return {{std::string(parts[1]), std::string(parts[2])}, std::string(parts[3])};
}

}  // namespace

std::string SessionKeyOf(const SessionId& id) { return absl::StrCat("s/", id.value()); }

std::string InstanceKeyOf(const InstanceName& name) {
  return absl::StrCat("i/", name.service.ns, "/", name.service.service, "/", name.id);
}

std::string OverrideKeyOf(const InstanceName& name) {
  return absl::StrCat("o/", name.service.ns, "/", name.service.service, "/", name.id);
}

std::string ServiceKeyOf(const ServiceName& name) {
  return absl::StrCat("v/", name.ns, "/", name.service);
}

std::string NodeKeyOf(const NodeId& id) { return absl::StrCat(kNodePrefix, id.value()); }

KeyKind KindOf(absl::string_view key) {
  if (key.empty()) return KeyKind::kRecord;
  switch (key[0]) {
    case 'n':
    case 'e':
      return KeyKind::kLeased;
    case 'c':
      return KeyKind::kControl;
    default:
      return KeyKind::kRecord;
  }
}

std::optional<RecordName> ParseKey(absl::string_view key) {
  if (key == kHorizonKey) return HorizonName{};
  const std::vector<absl::string_view> parts = absl::StrSplit(key, '/');
  if (parts.size() < 2 || parts[0].size() != 1) return std::nullopt;
  switch (parts[0][0]) {
    case 's':
      if (parts.size() == 2) return SessionId(std::string(parts[1]));
      break;
    case 'i':
      if (parts.size() == 4) return InstanceOf(parts);
      break;
    case 'o':
      if (parts.size() == 4) return OverrideName{InstanceOf(parts)};
      break;
    case 'v':
      if (parts.size() == 3) return ServiceName{std::string(parts[1]), std::string(parts[2])};
      break;
    default:
      break;
  }
  return std::nullopt;
}

}  // namespace rollcall
