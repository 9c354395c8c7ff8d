// The catalog's published side: from entries to views and snapshots.
#include <utility>

#include "server/catalog/catalog.h"
#include "server/model/standing.h"
#include "server/model/state_revision.h"

namespace rollcall::catalog {

using internal::v1::Stamp;

Catalog::InstanceEntry::OwnContent::OwnContent(const InstanceView::Content& content)
    : id(content.id),
      zone(content.zone),
      spec_field(content.spec_field),
      session(content.session),
      lease_epoch(content.lease_epoch),
      create_revision(content.create_revision) {}

InstanceView::Content Catalog::InstanceEntry::OwnContent::Read() const {
  return {id, zone, spec_field, session, lease_epoch, create_revision};
}

InstanceView::Content Catalog::InstanceEntry::content() const {
  return in_view() ? view->content() : beside->content->Read();
}

const Stamp& Catalog::Judge(const InstanceEntry& entry, const InstanceView::Content& content,
                            const Stamp& own, InstanceView::Verdict& verdict) const {
  StandingFacts facts;
  facts.start_unready = entry.start_unready;
  const Stamp* last = &own;
  if (content.session != nullptr) {
    const auto session = sessions_.find(content.session->id);
    facts.session = internal::v1::SESSION_STATE_ENDED;
    if (session != sessions_.end() && session->second.revision != Revision(0)) {
      facts.session = session->second.record.state();
      const Revision changed = StateRevisionOf(session->second.record, session->second.revision);
      if (changed > verdict.revision) {
        verdict.revision = changed;
        last = &session->second.record.stamp();
      }
    }
  }
  std::optional<uint32_t> override_weight;
  const auto over = overrides_.empty()
                        ? overrides_.end()
                        : overrides_.find({entry.service->name, std::string(content.id)});
  if (over != overrides_.end()) {
    if (!over->second.record.removed()) {
      facts.override_mode = over->second.record.mode();
      if (over->second.record.has_weight()) override_weight = over->second.record.weight();
    }
    if (over->second.revision > verdict.revision) {
      verdict.revision = over->second.revision;
      last = &over->second.record.stamp();
    }
  }
  verdict.standing = StandingOf(facts);
  const std::optional<uint32_t> own_weight =
      entry.has_weight ? std::make_optional(entry.weight) : std::nullopt;
  verdict.effective_weight = EffectiveWeight(own_weight, override_weight);
  return *last;
}

const Stamp& Catalog::MakeView(InstanceEntry& entry, const InstanceView::Content& content,
                               const Stamp& own) {
  InstanceView::Verdict verdict;
  verdict.revision = entry.revision;
  const Stamp& last = entry.removed ? own : Judge(entry, content, own, verdict);
  entry.view = InstanceView::Make(content, verdict, last);
  if (&last == &own) {
    entry.beside.reset();
  } else {
    entry.beside =
        std::make_unique<InstanceEntry::NotInView>(InstanceEntry::NotInView{own, nullptr});
  }
  return last;
}

void Catalog::Rebuild(InstanceEntry& entry, Happened* happened) {
  const SharedView before = entry.view;
  const Stamp own =
      entry.beside == nullptr ? entry.view->LastStamp() : std::move(entry.beside->stamp);
  const Stamp& last = MakeView(entry, entry.content(), own);
  if (happened == nullptr) return;
  StandingChange change;
  change.name = NameOf(entry);
  if (entry.session() != nullptr) change.session = *entry.session();
  if (before != nullptr) change.from = before->standing();
  change.to = entry.view->standing();
  change.revision = entry.view->revision();
  change.stamp = last;
  const bool content = before != nullptr && !before->removed() && !entry.removed &&
                       before->lease_epoch() != entry.view->lease_epoch();
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
  change.from = was.standing();
  change.revision = happened.revision;
  change.stamp.set_evidence("removed while this node did not hear of it");
  if (was.session() != nullptr) change.session = *was.session();
  happened.standings.push_back(std::move(change));
}

std::vector<SharedView> Catalog::RebuildDirty(ServiceEntry& service, Happened* happened) {
  std::vector<SharedView> changes;
  changes.reserve(service.dirty.size());
  for (const std::string& id : service.dirty) {
    InstanceEntry* entry = service.Find(id);
    if (entry == nullptr) {  // purged
      if (happened != nullptr) TellVanished(service, id, *happened);
      changes.push_back(InstanceView::Purged(id));
    } else {
      Rebuild(*entry, happened);
      changes.push_back(entry->view);
    }
  }
  service.dirty.clear();
  service.vanished.clear();
  service.is_dirty = false;
  return changes;
}

void Catalog::PublishService(ServiceEntry& service, Revision revision, Happened* happened) {
  std::vector<SharedView> changes = RebuildDirty(service, happened);
  if (service.instances.empty()) return views_.Erase(service.name);
  if (std::exchange(service.published, true)) {
    return views_.PublishChanges(service.name, revision, std::move(changes));
  }
  // What was loaded has its views already and is not among them.
  changes.clear();
  changes.reserve(service.instances.size());
  for (const auto& entry : service.instances) changes.push_back(entry->view);
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
