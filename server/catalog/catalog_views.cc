// The catalog's published side: from entries to views and snapshots.
#include <utility>

#include "server/catalog/catalog.h"
#include "server/model/standing.h"
#include "server/model/state_revision.h"
#include "server/model/times.h"

namespace rollcall::catalog {
namespace {

using internal::v1::Stamp;

}  // namespace

absl::string_view Catalog::InstanceEntry::SpecField() const {
  if (spec != nullptr) return spec->field;
  return absl::string_view(view->encoded).substr(0, spec_bytes);
}

internal::v1::Stamp Catalog::InstanceEntry::ViewStamp() const {
  const absl::string_view rest = absl::string_view(view->encoded).substr(spec_bytes);
  v1::Instance told;
  told.ParseFromArray(rest.data(), static_cast<int>(rest.size()));
  internal::v1::Stamp found;
  v1::Change& change = *told.mutable_last_change();
  *found.mutable_time() = change.time();
  found.set_cause(change.cause());
  found.set_actor(std::move(*change.mutable_actor()));
  found.set_evidence(std::move(*change.mutable_evidence()));
  return found;
}

const Stamp& Catalog::MakeView(InstanceEntry& entry, const FromRecord& record) {
  StandingFacts facts;
  facts.start_unready = entry.start_unready;
  Revision revision = entry.revision;
  const Stamp* stamp = record.stamp;
  if (entry.session != nullptr) {
    const auto session = sessions_.find(*entry.session);
    facts.session = internal::v1::SESSION_STATE_ENDED;
    if (session != sessions_.end() && session->second.revision != Revision(0)) {
      facts.session = session->second.record.state();
      const Revision changed = StateRevisionOf(session->second.record, session->second.revision);
      if (changed > revision) {
        revision = changed;
        stamp = &session->second.record.stamp();
      }
    }
  }
  std::optional<uint32_t> override_weight;
  const auto over = overrides_.empty() ? overrides_.end() : overrides_.find(NameOf(entry));
  if (over != overrides_.end()) {
    if (!over->second.record.removed()) {
      facts.override_mode = over->second.record.mode();
      if (over->second.record.has_weight()) override_weight = over->second.record.weight();
    }
    if (over->second.revision > revision) {
      revision = over->second.revision;
      stamp = &over->second.record.stamp();
    }
  }

  auto view = std::make_shared<InstanceView>();
  view->id = *entry.id;
  view->revision = revision;
  view->lease_epoch = entry.lease_epoch;
  view->standing = StandingOf(facts);
  view->effective_weight = EffectiveWeight(entry.weight, override_weight);
  view->zone = std::string(record.zone);
  view->session = entry.session;
  Encode(*view, record.spec_field, entry.create_revision, *stamp);

  if (stamp == record.stamp) {
    entry.stamp.reset();
  } else if (entry.stamp == nullptr) {
    entry.stamp = std::make_unique<Stamp>(*record.stamp);
  }
  entry.spec_bytes = static_cast<uint32_t>(record.spec_field.size());
  entry.spec.reset();
  entry.view = std::move(view);
  return *stamp;
}

void Catalog::Encode(InstanceView& view, absl::string_view spec_field, Revision create_revision,
                     const Stamp& stamp) {
  v1::Instance& rest = told_;
  rest.set_standing(view.standing);
  rest.set_effective_weight(view.effective_weight);
  rest.set_lease_epoch(view.lease_epoch.value());
  rest.set_create_revision(create_revision.value());
  rest.set_revision(view.revision.value());
  v1::Change& change = *rest.mutable_last_change();
  *change.mutable_time() = stamp.time();
  change.set_kind("instance");
  change.set_to(view.standing);
  change.set_cause(stamp.cause());
  change.set_actor(stamp.actor());
  change.set_evidence(stamp.evidence());
  change.set_session_id(view.session == nullptr ? "" : view.session->value());
  view.encoded.reserve(spec_field.size() + rest.ByteSizeLong());
  view.encoded.append(spec_field.data(), spec_field.size());
  rest.AppendToString(&view.encoded);
}

void Catalog::Rebuild(InstanceEntry& entry, Happened* happened) {
  const ServiceSnapshot::Live before = entry.view;
  Stamp stamp;
  if (entry.removed) {
    stamp = *entry.stamp;
    entry.gone = std::make_shared<RemovedView>(RemovedView{*entry.id, entry.revision, stamp.cause(),
                                                           stamp.actor(), stamp.evidence(),
                                                           rollcall::FromProto(stamp.time())});
    entry.view.reset();
  } else {
    const std::string zone = entry.spec != nullptr ? entry.spec->zone : before->zone;
    // Moved out of the entry, which MakeView changes.
    const Stamp own = entry.stamp != nullptr ? std::move(*entry.stamp) : entry.ViewStamp();
    entry.stamp.reset();
    const std::unique_ptr<InstanceEntry::Spec> spec = std::move(entry.spec);
    stamp = MakeView(entry, {spec != nullptr ? spec->field : entry.SpecField(), zone, &own});
    entry.gone.reset();
  }
  if (happened == nullptr) return;
  StandingChange change;
  change.name = NameOf(entry);
  if (entry.session != nullptr) change.session = *entry.session;
  if (before != nullptr) change.from = before->standing;
  if (entry.view != nullptr) change.to = entry.view->standing;
  change.revision = entry.view != nullptr ? entry.view->revision : entry.revision;
  change.stamp = std::move(stamp);
  const bool content =
      before != nullptr && entry.view != nullptr && before->lease_epoch != entry.view->lease_epoch;
  if (change.from != change.to || content) happened->standings.push_back(std::move(change));
}

// A purge follows a removal; of who was not there to hear of that, the purge is all that is told.
void Catalog::TellVanished(const ServiceEntry& service, const std::string& id,
                           Happened& happened) const {
  const auto at = service.vanished.find(id);
  if (at == service.vanished.end()) return;
  const InstanceView& was = *at->second;
  StandingChange change;
  change.name = {service.name, id};
  change.from = was.standing;
  change.revision = happened.revision;
  change.stamp.set_evidence("removed while this node did not hear of it");
  if (was.session != nullptr) change.session = *was.session;
  happened.standings.push_back(std::move(change));
}

std::vector<ViewChange> Catalog::RebuildDirty(ServiceEntry& service, Happened* happened) {
  std::vector<ViewChange> changes;
  changes.reserve(service.dirty.size());
  for (const std::string& id : service.dirty) {
    const auto at = service.instances.find(id);
    if (at == service.instances.end()) {  // purged
      if (happened != nullptr) TellVanished(service, id, *happened);
      changes.push_back({id, nullptr, nullptr});
    } else {
      Rebuild(at->second, happened);
      changes.push_back({id, at->second.view, at->second.gone});
    }
  }
  service.dirty.clear();
  service.vanished.clear();
  service.is_dirty = false;
  return changes;
}

void Catalog::PublishService(ServiceEntry& service, Revision revision, Happened* happened) {
  std::vector<ViewChange> changes = RebuildDirty(service, happened);
  if (service.instances.empty()) return views_.Erase(service.name);
  if (std::exchange(service.published, true)) {
    return views_.PublishChanges(service.name, revision, std::move(changes));
  }
  // What was loaded has its views already and is not among them.
  changes.clear();
  changes.reserve(service.instances.size());
  for (const auto& [id, entry] : service.instances) changes.push_back({id, entry.view, entry.gone});
  views_.Publish(FoldChanges(service.name, nullptr, std::move(changes), revision));
}

Happened Catalog::PublishAll(Revision revision, bool loaded) {
  Happened happened;
  happened.revision = revision;
  happened.services.assign(dirty_services_.begin(), dirty_services_.end());
  if (!loaded) happened.sessions.assign(dirty_sessions_.begin(), dirty_sessions_.end());
  dirty_services_.clear();
  dirty_sessions_.clear();
  for (const ServiceName& name : happened.services) {
    const auto at = services_.find(name);
    PublishService(*at->second, revision, loaded ? nullptr : &happened);
    if (at->second->instances.empty()) services_.erase(at);
  }
  applied_ = revision;
  views_.SetApplied(revision);
  return happened;
}

}  // namespace rollcall::catalog
