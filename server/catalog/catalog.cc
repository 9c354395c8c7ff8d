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
    for (InstanceEntry* instance : entry.instances) MarkDirty(*instance->service, instance->id());
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
  if (absl::Status status = Parse(*value, parsed_); !status.ok()) return status;
  ServiceEntry& service = EntryOf(name.service);
  InstanceEntry* known = service.Find(name.id);
  std::unique_ptr<InstanceEntry> made;
  if (known != nullptr) {
    Unlink(*known);
  } else {
    made = std::make_unique<InstanceEntry>();
    made->service = &service;
  }
  InstanceEntry& entry = known != nullptr ? *known : *made;
  entry.revision = revision;
  KeepParsed(name.id, *value, entry);
  // At the end, if they come in order.
  if (made != nullptr) service.instances.insert(service.instances.end(), std::move(made));
  Link(entry);
  if (entry.in_view()) {
    MarkDirty(service);
  } else {
    MarkDirty(service, name.id);
  }
  return absl::OkStatus();
}

void Catalog::KeepParsed(absl::string_view id, absl::string_view value, InstanceEntry& entry) {
  const InstanceRecord& record = parsed_;
  entry.removed = record.removed();
  entry.start_unready = record.spec().start_unready();
  entry.has_weight = record.spec().has_weight();
  entry.weight = record.spec().weight();

  std::string encoded;
  absl::string_view field = SpecFieldOf(value);
  if (field.empty()) field = encoded = EncodeSpecField(record.spec());
  const uint64_t created = record.create_revision();
  const InstanceView::Content content = {id,
                                         record.spec().locality().zone(),
                                         field,
                                         Share(SessionId(record.session_id()), entry.removed),
                                         LeaseEpoch(record.lease_epoch()),
                                         created == 0 ? entry.revision : Revision(created)};
  if (loading_ && !entry.service->published) {
    MakeView(entry, content, record.stamp());
  } else {
    entry.beside = std::make_unique<InstanceEntry::NotInView>(InstanceEntry::NotInView{
        record.stamp(), std::make_unique<const InstanceEntry::OwnContent>(content)});
  }
}

SharedSessionId Catalog::Share(const SessionId& id, bool removed) {
  if (id.value().empty()) return nullptr;
  if (!removed) return EntryOf(id).id;
  const auto known = sessions_.find(id);
  return known != sessions_.end() ? known->second.id : SharedSessionId(new CountedSessionId(id));
}

void Catalog::Link(InstanceEntry& instance) {
  if (instance.removed) return Remember(instance.revision, InstanceKeyOf(NameOf(instance)));
  ++live_instances_;
  if (instance.session() != nullptr) EntryOf(*instance.session()).instances.insert(&instance);
}

// Takes back what Link did.
void Catalog::Unlink(InstanceEntry& instance) {
  if (instance.removed) return Forget(instance.revision, InstanceKeyOf(NameOf(instance)));
  if (!MUTANT(removed_instances_counted)) --live_instances_;
  if (instance.session() == nullptr) return;
  const auto session = sessions_.find(*instance.session());
  session->second.instances.erase(&instance);
  if (session->second.instances.empty() && session->second.revision == Revision(0)) {
    sessions_.erase(session);
  }
}

void Catalog::Purge(const InstanceName& name) {
  const auto service = services_.find(name.service);
  if (service == services_.end()) return;
  ServiceEntry& entry = *service->second;
  const auto at = entry.instances.find(name.id);
  if (at == entry.instances.end()) return;
  Unlink(**at);
  const SharedView& view = (*at)->view;
  if (entry.published && view != nullptr && !view->removed()) entry.vanished[name.id] = view;
  entry.instances.erase(at);
  MarkDirty(entry, name.id);
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
  return service == services_.end() ? nullptr : service->second->Find(name.id);
}

Catalog::InstanceEntry* Catalog::ServiceEntry::Find(absl::string_view id) const {
  // Most that are loaded come in order.
  if (instances.empty() || (*instances.rbegin())->id() < id) return nullptr;
  const auto at = instances.find(id);
  return at == instances.end() ? nullptr : at->get();
}

Catalog::SessionEntry& Catalog::EntryOf(const SessionId& id) {
  const auto [at, is_new] = sessions_.try_emplace(id);
  if (is_new) at->second.id = SharedSessionId(new CountedSessionId(id));
  return at->second;
}

InstanceName Catalog::NameOf(const InstanceEntry& instance) {
  return {instance.service->name, std::string(instance.id())};
}

void Catalog::MarkDirty(ServiceEntry& service) {
  if (!std::exchange(service.is_dirty, true)) dirty_services_.insert(service.name);
}

void Catalog::MarkDirty(ServiceEntry& service, absl::string_view id) {
  service.dirty.emplace(id);
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
