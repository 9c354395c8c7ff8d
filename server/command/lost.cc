#include "server/command/lost.h"

#include <algorithm>

#include "server/model/limits.h"
#include "server/model/names.h"

namespace rollcall::command {

void AddLost(internal::v1::SessionRecord& session, const InstanceName& name, LeaseEpoch epoch) {
  auto& lost = *session.mutable_lost();
  for (int i = 0; i < lost.size(); ++i) {
    if (NameOf(lost[i].key()) == name) lost.DeleteSubrange(i--, 1);
  }
  while (lost.size() >= static_cast<int>(kMaxLostPerSession)) lost.DeleteSubrange(0, 1);
  internal::v1::LostInstance& entry = *lost.Add();
  *entry.mutable_key() = KeyOf(name);
  entry.set_lease_epoch(epoch.value());
}

bool IsLost(const internal::v1::SessionRecord& session, const InstanceName& name) {
  return std::any_of(session.lost().begin(), session.lost().end(),
                     [&](const auto& lost) { return NameOf(lost.key()) == name; });
}

}  // namespace rollcall::command
