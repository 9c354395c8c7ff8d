// What the catalog answers: the records as they stand, for those who decide.
#include <algorithm>
#include <utility>
#include <variant>

#include "server/catalog/catalog.h"
#include "server/catalog/spec_bytes.h"
#include "server/model/keys.h"

namespace rollcall::catalog {

using internal::v1::InstanceRecord;
using internal::v1::OverrideRecord;
using internal::v1::ServiceRecord;
using internal::v1::SessionRecord;

// `key_of` is asked only if some record cannot be read.
template <typename R, typename KeyOf>
Versioned<R> Catalog::AsWritten(Versioned<R> applied, KeyOf key_of) const {
  if (unreadable_.empty()) return applied;
  const auto at = unreadable_.find(key_of());
  if (at == unreadable_.end()) return applied;
  applied.revision = at->second;
  applied.damaged = true;
  return applied;
}

Versioned<SessionRecord> Catalog::Session(const SessionId& id) const {
  Versioned<SessionRecord> found;
  const auto at = sessions_.find(id);
  if (at != sessions_.end() && at->second.revision != Revision(0)) {
    found = {at->second.record, at->second.revision};
  }
  return AsWritten(std::move(found), [&] { return SessionKeyOf(id); });
}

Versioned<InstanceRecord> Catalog::Instance(const InstanceName& name) const {
  return AsWritten(AppliedInstance(name), [&] { return InstanceKeyOf(name); });
}

Versioned<InstanceRecord> Catalog::AppliedInstance(const InstanceName& name) const {
  const InstanceEntry* entry = Find(name);
  if (entry == nullptr) return {};
  InstanceRecord record;
  const InstanceView::Content content = entry->content();
  *record.mutable_spec() = DecodeSpecField(content.spec_field);
  if (content.session != nullptr) record.set_session_id(content.session->id.value());
  record.set_lease_epoch(content.lease_epoch.value());
  record.set_create_revision(content.create_revision.value());
  record.set_removed(entry->removed);
  return {std::move(record), entry->revision};
}

Versioned<OverrideRecord> Catalog::Override(const InstanceName& name) const {
  Versioned<OverrideRecord> found;
  const auto at = overrides_.find(name);
  if (at != overrides_.end()) found = {at->second.record, at->second.revision};
  return AsWritten(std::move(found), [&] { return OverrideKeyOf(name); });
}

Versioned<ServiceRecord> Catalog::Service(const ServiceName& name) const {
  Versioned<ServiceRecord> found;
  const auto at = specs_.find(name);
  if (at != specs_.end()) found = {at->second.record, at->second.revision};
  return AsWritten(std::move(found), [&] { return ServiceKeyOf(name); });
}

Versioned<internal::v1::HorizonRecord> Catalog::Horizon() const {
  Versioned<internal::v1::HorizonRecord> found;
  if (horizon_) found = {horizon_->record, horizon_->revision};
  return AsWritten(std::move(found), [] { return std::string(kHorizonKey); });
}

std::vector<InstanceName> Catalog::InstancesOf(const SessionId& id) const {
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return {};
  std::vector<InstanceName> names;
  names.reserve(at->second.instances.size());
  for (const InstanceEntry* instance : at->second.instances) names.push_back(NameOf(*instance));
  std::sort(names.begin(), names.end());
  return names;
}

size_t Catalog::InstanceCountOf(const SessionId& id) const {
  const auto at = sessions_.find(id);
  return at == sessions_.end() ? 0 : at->second.instances.size();
}

std::vector<Catalog::Holding> Catalog::HoldingsOf(const SessionId& id) const {
  const auto at = sessions_.find(id);
  if (at == sessions_.end()) return {};
  std::vector<Holding> holdings;
  holdings.reserve(at->second.instances.size());
  for (const InstanceEntry* instance : at->second.instances) {
    const InstanceView::Content content = instance->content();
    holdings.push_back({NameOf(*instance), std::string(content.zone), content.lease_epoch});
  }
  std::sort(holdings.begin(), holdings.end(),
            [](const Holding& a, const Holding& b) { return a.name < b.name; });
  return holdings;
}

std::vector<Versioned<OverrideRecord>> Catalog::Overrides() const {
  std::vector<Versioned<OverrideRecord>> found;
  for (const auto& [name, kept] : overrides_) {
    if (!kept.record.removed()) found.push_back({kept.record, kept.revision});
  }
  return found;
}

std::vector<SessionId> Catalog::OpenSessions() const {
  absl::btree_set<SessionId> open;
  for (const auto& [id, entry] : sessions_) {
    if (entry.revision != Revision(0) &&
        entry.record.state() != internal::v1::SESSION_STATE_ENDED) {
      open.insert(id);
    }
  }
  return {open.begin(), open.end()};
}

internal::v1::SessionState Catalog::SessionStateOf(const SessionId& id) const {
  const auto at = sessions_.find(id);
  if (at == sessions_.end() || at->second.revision == Revision(0)) {
    return internal::v1::SESSION_STATE_ENDED;
  }
  return at->second.record.state();
}

std::vector<SessionId> Catalog::OrphanedSessions() const {
  absl::btree_set<SessionId> orphaned;
  for (const auto& [id, entry] : sessions_) {
    const bool ended =
        entry.revision == Revision(0) || entry.record.state() == internal::v1::SESSION_STATE_ENDED;
    if (ended && !entry.instances.empty()) orphaned.insert(id);
  }
  return {orphaned.begin(), orphaned.end()};
}

std::vector<SessionId> Catalog::SessionsHomedAt(const NodeId& node) const {
  absl::btree_set<SessionId> homed;
  for (const auto& [id, entry] : sessions_) {
    if (entry.revision != Revision(0) && entry.record.home() == node.value() &&
        entry.record.state() != internal::v1::SESSION_STATE_ENDED) {
      homed.insert(id);
    }
  }
  return {homed.begin(), homed.end()};
}

Revision Catalog::RevisionOf(absl::string_view key) const {
  const auto unreadable = unreadable_.find(key);
  return unreadable == unreadable_.end() ? AppliedRevisionOf(key) : unreadable->second;
}

Revision Catalog::AppliedRevisionOf(absl::string_view key) const {
  const std::optional<RecordName> name = ParseKey(key);
  if (!name) return Revision(0);
  const auto revision_in = [](const auto& kept, const auto& name) {
    const auto at = kept.find(name);
    return at == kept.end() ? Revision(0) : at->second.revision;
  };
  if (const auto* session = std::get_if<SessionId>(&*name)) return revision_in(sessions_, *session);
  if (const auto* instance = std::get_if<InstanceName>(&*name)) {
    const InstanceEntry* entry = Find(*instance);
    return entry == nullptr ? Revision(0) : entry->revision;
  }
  if (const auto* over = std::get_if<OverrideName>(&*name)) {
    return revision_in(overrides_, over->instance);
  }
  if (const auto* service = std::get_if<ServiceName>(&*name)) return revision_in(specs_, *service);
  return horizon_ ? horizon_->revision : Revision(0);
}

void Catalog::ForEachKey(absl::FunctionRef<void(std::string, Revision)> visit) const {
  const auto visit_applied = [&](std::string key, Revision revision) {
    if (!unreadable_.contains(key)) visit(std::move(key), revision);
  };
  for (const auto& [name, service] : services_) {
    for (const auto& entry : service->instances) {
      visit_applied(InstanceKeyOf({name, std::string(entry->id())}), entry->revision);
    }
  }
  for (const auto& [id, entry] : sessions_) {
    if (entry.revision != Revision(0)) visit_applied(SessionKeyOf(id), entry.revision);
  }
  for (const auto& [name, kept] : overrides_) visit_applied(OverrideKeyOf(name), kept.revision);
  for (const auto& [name, kept] : specs_) visit_applied(ServiceKeyOf(name), kept.revision);
  if (horizon_) visit_applied(kHorizonKey, horizon_->revision);
  for (const auto& [key, revision] : unreadable_) visit(key, revision);
}

std::vector<Catalog::Purgeable> Catalog::PurgeableUpTo(Revision revision, size_t limit) const {
  std::vector<Purgeable> found;
  for (const auto& [at, key] : tombstones_) {
    if (at > revision.value() || found.size() >= limit) break;
    const std::optional<RecordName> name = ParseKey(key);
    if (const auto* over = std::get_if<OverrideName>(&*name)) {
      // Its revision is part of the instance's while that is registered.
      const InstanceEntry* instance = Find(over->instance);
      if (instance != nullptr && !instance->removed) continue;
    }
    if (const auto* session = std::get_if<SessionId>(&*name)) {
      const auto entry = sessions_.find(*session);
      if (entry != sessions_.end() && !entry->second.instances.empty()) continue;
    }
    found.push_back({key, Revision(at)});
  }
  return found;
}

}  // namespace rollcall::catalog
