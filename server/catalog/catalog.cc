#include "server/catalog/catalog.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "server/catalog/spec_bytes.h"
#include "server/model/keys.h"
#include "server/model/state_revision.h"

namespace rollcall::catalog {
namespace {

using internal::v1::InstanceRecord;
using internal::v1::OverrideRecord;
using internal::v1::ServiceRecord;
using internal::v1::SessionRecord;

template <typename R>
absl::Status Parse(absl::string_view value, R& record) {
  if (record.ParseFromArray(value.data(), static_cast<int>(value.size()))) return absl::OkStatus();
  return absl::DataLossError("the record does not parse");
}

}  // namespace

absl::Status Catalog::Apply(absl::string_view key, Revision revision, Value value) {
  loading_ = false;
  return ApplyAs(key, revision, value);
}

absl::Status Catalog::Load(absl::string_view key, Revision revision, absl::string_view value) {
  loading_ = true;
  return ApplyAs(key, revision, value);
}

absl::Status Catalog::ApplyAs(absl::string_view key, Revision revision, Value value) {
  const std::optional<RecordName> name = ParseKey(key);
  if (!name) return absl::DataLossError(absl::StrCat("key \"", key, "\" is of no known kind"));
  absl::Status status;
  if (const auto* session = std::get_if<SessionId>(&*name)) {
    status = ApplySession(*session, revision, value);
  } else if (const auto* instance = std::get_if<InstanceName>(&*name)) {
    status = ApplyInstance(*instance, revision, value);
  } else if (const auto* over = std::get_if<OverrideName>(&*name)) {
    status = ApplyOverride(over->instance, revision, value);
  } else if (const auto* service = std::get_if<ServiceName>(&*name)) {
    status = ApplyService(*service, revision, value);
  } else {
    status = ApplyHorizon(revision, value);
  }
  if (status.ok()) {
    unreadable_.erase(key);
    return status;
  }
  if (value) {
    Forget(AppliedRevisionOf(key), std::string(key));
    unreadable_[key] = revision;
  }
  return absl::Status(status.code(), absl::StrCat(key, ": ", status.message()));
}

absl::Status Catalog::ApplySession(const SessionId& id, Revision revision, Value value) {
  const std::string key = SessionKeyOf(id);
  SessionRecord record;
  if (value) {
    if (absl::Status status = Parse(*value, record); !status.ok()) return status;
  }
  const auto open = [](const SessionRecord& r) {
    return r.state() != internal::v1::SESSION_STATE_ENDED;
  };
  SessionEntry& entry = EntryOf(id);
  const bool stood = entry.revision != Revision(0);
  const bool same_state =
      stood && value && entry.record.state() == record.state() &&
      StateRevisionOf(entry.record, entry.revision) == StateRevisionOf(record, revision);
  if (stood) {
    Forget(entry.revision, key);
    if (open(entry.record)) --open_sessions_;
  }
  if (!same_state) {
    for (InstanceEntry* instance : entry.instances) MarkDirty(*instance->service, *instance->id);
  }
  dirty_sessions_.insert(id);
  if (!value) {
    if (entry.instances.empty()) {
      sessions_.erase(id);
    } else {
      entry.revision = Revision(0);
    }
    return absl::OkStatus();
  }
  if (open(record)) {
    ++open_sessions_;
  } else {
    Remember(revision, key);
  }
  entry.record = std::move(record);
  entry.revision = revision;
  return absl::OkStatus();
}

absl::Status Catalog::ApplyInstance(const InstanceName& name, Revision revision, Value value) {
  if (!value) {
    Purge(name);
    return absl::OkStatus();
  }
  InstanceRecord& record = parsed_;
  if (absl::Status status = Parse(*value, record); !status.ok()) return status;
  ServiceEntry& service = EntryOf(name.service);
  // At the end, if they come in order.
  const auto at = service.instances.try_emplace(service.instances.end(), name.id);
  InstanceEntry& entry = at->second;
  Unlink(entry);
  entry.service = &service;
  entry.id = &at->first;
  entry.lease_epoch = LeaseEpoch(record.lease_epoch());
  entry.create_revision =
      record.create_revision() == 0 ? revision : Revision(record.create_revision());
  entry.revision = revision;
  entry.removed = record.removed();
  entry.start_unready = record.spec().start_unready();
  entry.weight.reset();
  if (record.spec().has_weight()) entry.weight = record.spec().weight();
  Link(entry, SessionId(record.session_id()));

  std::string encoded;
  absl::string_view field = SpecFieldOf(*value);
  if (field.empty()) field = encoded = EncodeSpecField(record.spec());
  const std::string& zone = record.spec().locality().zone();
  if (loading_ && !service.published && !entry.removed) {
    MakeView(entry, {field, zone, &record.stamp()});
    MarkDirty(service);
    return absl::OkStatus();
  }
  entry.spec = std::make_unique<InstanceEntry::Spec>(InstanceEntry::Spec{std::string(field), zone});
  entry.stamp = std::make_unique<internal::v1::Stamp>(record.stamp());
  MarkDirty(service, name.id);
  return absl::OkStatus();
}

void Catalog::Link(InstanceEntry& instance, SessionId session) {
  if (instance.removed) {
    Remember(instance.revision, InstanceKeyOf(NameOf(instance)));
    instance.session = nullptr;
    if (session.value().empty()) return;
    const auto known = sessions_.find(session);
    instance.session = known != sessions_.end()
                           ? known->second.id
                           : std::make_shared<const SessionId>(std::move(session));
    return;
  }
  ++live_instances_;
  instance.session = nullptr;
  if (session.value().empty()) return;
  SessionEntry& entry = EntryOf(session);
  entry.instances.insert(&instance);
  instance.session = entry.id;
}

// Takes back what Link did.
void Catalog::Unlink(InstanceEntry& instance) {
  if (instance.service == nullptr) return;
  if (instance.removed) return Forget(instance.revision, InstanceKeyOf(NameOf(instance)));
  if (!MUTANT(removed_instances_counted)) --live_instances_;
  if (instance.session == nullptr) return;
  const auto session = sessions_.find(*instance.session);
  session->second.instances.erase(&instance);
  if (session->second.instances.empty() && session->second.revision == Revision(0)) {
    sessions_.erase(session);
  }
}

void Catalog::Purge(const InstanceName& name) {
  const auto service = services_.find(name.service);
  if (service == services_.end()) return;
  const auto at = service->second->instances.find(name.id);
  if (at == service->second->instances.end()) return;
  Unlink(at->second);
  if (service->second->published && at->second.view != nullptr) {
    service->second->vanished[name.id] = at->second.view;
  }
  service->second->instances.erase(at);
  MarkDirty(*service->second, name.id);
}

absl::Status Catalog::ApplyOverride(const InstanceName& name, Revision revision, Value value) {
  const std::string key = OverrideKeyOf(name);
  OverrideRecord record;
  if (value) {
    if (absl::Status status = Parse(*value, record); !status.ok()) return status;
  }
  if (const auto at = overrides_.find(name); at != overrides_.end()) {
    Forget(at->second.revision, key);
    overrides_.erase(at);
  }
  if (value) {
    if (record.removed()) Remember(revision, key);
    overrides_[name] = {std::move(record), revision};
  }
  if (const InstanceEntry* entry = Find(name)) MarkDirty(*entry->service, name.id);
  return absl::OkStatus();
}

absl::Status Catalog::ApplyService(const ServiceName& name, Revision revision, Value value) {
  const std::string key = ServiceKeyOf(name);
  ServiceRecord record;
  if (value) {
    if (absl::Status status = Parse(*value, record); !status.ok()) return status;
  }
  if (const auto at = specs_.find(name); at != specs_.end()) {
    Forget(at->second.revision, key);
    specs_.erase(at);
  }
  if (!value) return absl::OkStatus();
  if (record.removed()) Remember(revision, key);
  specs_[name] = {std::move(record), revision};
  return absl::OkStatus();
}

absl::Status Catalog::ApplyHorizon(Revision revision, Value value) {
  if (!value) return absl::DataLossError("the purge horizon was deleted");
  Kept<internal::v1::HorizonRecord> kept;
  if (absl::Status status = Parse(*value, kept.record); !status.ok()) return status;
  kept.revision = revision;
  views_.SetHorizon(Revision(kept.record.revision()));
  horizon_ = std::move(kept);
  return absl::OkStatus();
}

Catalog::ServiceEntry& Catalog::EntryOf(const ServiceName& name) {
  std::unique_ptr<ServiceEntry>& entry = services_[name];
  if (entry == nullptr) {
    entry = std::make_unique<ServiceEntry>();
    entry->name = name;
  }
  return *entry;
}

const Catalog::InstanceEntry* Catalog::Find(const InstanceName& name) const {
  const auto service = services_.find(name.service);
  if (service == services_.end()) return nullptr;
  const auto at = service->second->instances.find(name.id);
  return at == service->second->instances.end() ? nullptr : &at->second;
}

Catalog::SessionEntry& Catalog::EntryOf(const SessionId& id) {
  const auto [at, is_new] = sessions_.try_emplace(id);
  if (is_new) at->second.id = std::make_shared<const SessionId>(id);
  return at->second;
}

InstanceName Catalog::NameOf(const InstanceEntry& instance) {
  return {instance.service->name, *instance.id};
}

void Catalog::MarkDirty(ServiceEntry& service) {
  if (!std::exchange(service.is_dirty, true)) dirty_services_.insert(service.name);
}

void Catalog::MarkDirty(ServiceEntry& service, const std::string& id) {
  service.dirty.insert(id);
  MarkDirty(service);
}

void Catalog::Forget(Revision revision, const std::string& key) {
  tombstones_.erase({revision.value(), key});
}

void Catalog::Remember(Revision revision, std::string key) {
  tombstones_.emplace(revision.value(), std::move(key));
}

void Catalog::SetNodePresent(const NodeId& id, bool present) {
  if (present) {
    present_nodes_.insert(id);
  } else {
    present_nodes_.erase(id);
  }
}

}  // namespace rollcall::catalog
