#include "server/command/purge_commands.h"

#include <variant>

#include "server/model/keys.h"

namespace rollcall::command {

std::vector<KeyUse> RaiseHorizon::Keys(const Facts&) const { return {{kHorizonKey, true}}; }

Decision RaiseHorizon::Decide(const Facts& facts, const WriteContext& context) {
  const auto old = facts.Horizon();
  if (old.exists() && old->revision() >= to_.value()) return Nothing{};
  internal::v1::HorizonRecord record;
  record.set_revision(to_.value());
  if (old.exists()) record.set_lease_epoch_base(old->lease_epoch_base());
  *record.mutable_stamp() = MakeStamp(context, {v1::CAUSE_UNSPECIFIED, actor_, ""});
  Change change;
  change.Replace(kHorizonKey, old, record);
  return change;
}

std::vector<KeyUse> PurgeTombstone::Keys(const Facts&) const {
  return {{key_, true}, {kHorizonKey, false}};
}

Revision PurgeTombstone::StandsAt(const Facts& facts) const {
  const std::optional<RecordName> name = ParseKey(key_);
  if (!name) return Revision(0);
  if (const auto* session = std::get_if<SessionId>(&*name)) return facts.Session(*session).revision;
  if (const auto* instance = std::get_if<InstanceName>(&*name)) {
    return facts.Instance(*instance).revision;
  }
  if (const auto* over = std::get_if<OverrideName>(&*name)) {
    return facts.Override(over->instance).revision;
  }
  if (const auto* service = std::get_if<ServiceName>(&*name)) {
    return facts.Service(*service).revision;
  }
  return Revision(0);
}

Decision PurgeTombstone::Decide(const Facts& facts, const WriteContext&) {
  const auto horizon = facts.Horizon();
  if (!horizon.exists() || horizon->revision() < revision_.value()) {
    return absl::FailedPreconditionError("the purge horizon is below the tombstone");
  }
  if (StandsAt(facts) != revision_) return Nothing{};
  Change change;
  change.guards.push_back({key_, revision_});
  change.guards.push_back({kHorizonKey, horizon.revision});
  change.deletes.push_back(key_);
  return change;
}

}  // namespace rollcall::command
