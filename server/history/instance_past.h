// InstancePast: everything kept that concerns one instance, and the changes it went through.
//
// A revision is a change of the instance if it wrote the instance's record, if it changed its
// standing through the session it belongs to, or if it wrote its override. A session and the
// instances registered with it are one change; an override that shares their revision is a second.
//
// Pure.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rollcall/internal/v1/records.pb.h"
#include "rollcall/v1/types.pb.h"
#include "server/history/instance_facts.h"
#include "server/history/timeline.h"
#include "server/model/ids.h"

namespace rollcall::history {

struct InstancePast {
  InstanceName name;
  Timeline<internal::v1::InstanceRecord> instance;
  Timeline<internal::v1::OverrideRecord> overrides;
  // Every session that a version of `instance` names.
  std::map<std::string, std::shared_ptr<const Timeline<SessionPoint>>> sessions;

  InstanceFacts At(Revision revision) const { return At(revision, revision); }
  // The changes above `after`, oldest first. Of an instance that was not registered at the time,
  // an override is a change of kind "override".
  std::vector<v1::Change> Changes(Revision after) const;

 private:
  InstanceFacts At(Revision revision, Revision override_revision) const;
  void AppendChanges(Revision revision, std::vector<v1::Change>& out) const;
};

}  // namespace rollcall::history
