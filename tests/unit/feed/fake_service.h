// FakeService: a service made by hand, as the catalog would publish it.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "server/catalog/spec_bytes.h"
#include "server/catalog/view_table.h"
#include "server/model/ids.h"

namespace rollcall::feed {

struct Content {
  std::string zone = "z1";
  v1::Standing standing = v1::STANDING_PASSING;
  v1::Cause cause = v1::CAUSE_REGISTERED;
  std::string padding;  // metadata, to make it large
};

inline catalog::SharedView MakeLive(const ServiceName& name, const std::string& id,
                                    Revision revision, const Content& content) {
  v1::InstanceSpec spec;
  spec.set_namespace_(name.ns);
  spec.set_service(name.service);
  spec.set_id(id);
  spec.mutable_locality()->set_zone(content.zone);
  if (!content.padding.empty()) (*spec.mutable_metadata())["padding"] = content.padding;
  internal::v1::Stamp last;
  last.set_cause(content.cause);
  last.set_actor("somebody");
  return catalog::InstanceView::Make(
      {id, content.zone, catalog::EncodeSpecField(spec), nullptr, LeaseEpoch(1), revision},
      {revision, content.standing, 100}, last);
}

// One service's entries; Snapshot() orders them as ServiceSnapshot demands.
class FakeService {
 public:
  explicit FakeService(ServiceName name) : name_(std::move(name)) {}

  void Put(const std::string& id, Revision revision, const Content& content = {}) {
    entries_[id] = MakeLive(name_, id, revision, content);
  }
  void Remove(const std::string& id, Revision revision, v1::Cause cause = v1::CAUSE_DEREGISTERED) {
    internal::v1::Stamp last;
    last.mutable_time()->set_seconds(7);
    last.set_cause(cause);
    last.set_evidence("seen");
    entries_[id] = catalog::InstanceView::Make({.id = id}, {.revision = revision}, last);
  }
  void Purge(Revision horizon) {
    std::erase_if(entries_, [&](const auto& entry) {
      return entry.second->removed() && entry.second->revision() <= horizon;
    });
  }
  bool empty() const { return entries_.empty(); }
  std::map<std::string, uint64_t> Live() const {
    std::map<std::string, uint64_t> live;
    for (const auto& [id, view] : entries_) {
      if (!view->removed()) live[id] = view->revision().value();
    }
    return live;
  }
  std::shared_ptr<const catalog::ServiceSnapshot> Snapshot(Revision revision) const {
    auto snapshot = std::make_shared<catalog::ServiceSnapshot>();
    snapshot->name = name_;
    snapshot->revision = revision;
    for (const auto& [id, view] : entries_) {
      if (!view->removed()) snapshot->instances.push_back(view);
      snapshot->by_revision.push_back(view);
    }
    std::stable_sort(snapshot->by_revision.begin(), snapshot->by_revision.end(),
                     [](const auto& a, const auto& b) { return a->revision() > b->revision(); });
    return snapshot;
  }

 private:
  ServiceName name_;
  std::map<std::string, catalog::SharedView> entries_;
};

}  // namespace rollcall::feed
