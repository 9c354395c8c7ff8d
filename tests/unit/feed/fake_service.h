// FakeService: a service made by hand, as the catalog would publish it.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "server/catalog/view_table.h"
#include "server/model/ids.h"

namespace rollcall::feed {

struct Content {
  std::string zone = "z1";
  v1::Standing standing = v1::STANDING_PASSING;
  v1::Cause cause = v1::CAUSE_REGISTERED;
  std::string padding;  // metadata, to make it large
};

inline std::shared_ptr<const catalog::InstanceView> MakeLive(const ServiceName& name,
                                                             const std::string& id,
                                                             Revision revision,
                                                             const Content& content) {
  v1::Instance instance;
  instance.mutable_spec()->set_namespace_(name.ns);
  instance.mutable_spec()->set_service(name.service);
  instance.mutable_spec()->set_id(id);
  instance.mutable_spec()->mutable_locality()->set_zone(content.zone);
  if (!content.padding.empty()) {
    (*instance.mutable_spec()->mutable_metadata())["padding"] = content.padding;
  }
  instance.set_standing(content.standing);
  instance.set_revision(revision.value());
  instance.mutable_last_change()->set_cause(content.cause);
  instance.mutable_last_change()->set_actor("somebody");
  auto view = std::make_shared<catalog::InstanceView>();
  view->id = id;
  view->revision = revision;
  view->standing = content.standing;
  view->zone = content.zone;
  view->encoded = instance.SerializeAsString();
  return view;
}

// One service's entries; Snapshot() orders them as ServiceSnapshot demands.
class FakeService {
 public:
  explicit FakeService(ServiceName name) : name_(std::move(name)) {}

  void Put(const std::string& id, Revision revision, const Content& content = {}) {
    entries_[id] = {MakeLive(name_, id, revision, content), nullptr};
  }
  void Remove(const std::string& id, Revision revision, v1::Cause cause = v1::CAUSE_DEREGISTERED) {
    auto gone = std::make_shared<catalog::RemovedView>();
    gone->id = id;
    gone->revision = revision;
    gone->cause = cause;
    gone->evidence = "seen";
    gone->time = absl::FromUnixSeconds(7);
    entries_[id] = {nullptr, gone};
  }
  void Purge(Revision horizon) {
    std::erase_if(entries_, [&](const auto& entry) {
      return entry.second.gone && entry.second.revision() <= horizon;
    });
  }
  bool empty() const { return entries_.empty(); }
  std::map<std::string, uint64_t> Live() const {
    std::map<std::string, uint64_t> live;
    for (const auto& [id, entry] : entries_) {
      if (entry.live) live[id] = entry.revision().value();
    }
    return live;
  }
  std::shared_ptr<const catalog::ServiceSnapshot> Snapshot(Revision revision) const {
    auto snapshot = std::make_shared<catalog::ServiceSnapshot>();
    snapshot->name = name_;
    snapshot->revision = revision;
    for (const auto& [id, entry] : entries_) {
      if (entry.live) snapshot->instances.push_back(entry.live);
      snapshot->by_revision.push_back(entry);
    }
    std::stable_sort(snapshot->by_revision.begin(), snapshot->by_revision.end(),
                     [](const auto& a, const auto& b) { return a.revision() > b.revision(); });
    return snapshot;
  }

 private:
  ServiceName name_;
  std::map<std::string, catalog::ServiceSnapshot::Entry> entries_;
};

}  // namespace rollcall::feed
