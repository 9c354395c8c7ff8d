#include "server/history/instance_past.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace rollcall::history {
namespace {

v1::Change MakeChange(const InstanceName& name, Revision revision, const InstanceFacts& from,
                      const InstanceFacts& to, const internal::v1::Stamp& stamp) {
  v1::Change change;
  change.set_revision(revision.value());
  if (stamp.has_time()) *change.mutable_time() = stamp.time();
  change.set_kind("instance");
  change.mutable_key()->set_namespace_(name.service.ns);
  change.mutable_key()->set_service(name.service.service);
  change.mutable_key()->set_id(name.id);
  change.set_from(from.standing());
  change.set_to(to.standing());
  change.set_cause(stamp.cause());
  change.set_actor(stamp.actor());
  change.set_evidence(stamp.evidence());
  const InstanceFacts& registered = to.registered() ? to : from;
  if (registered.registered()) change.set_session_id(registered.instance->session_id());
  return change;
}

// A session that was purged while an instance still named it left no word.
const internal::v1::Stamp& StampOfPurgedSession() {
  static const internal::v1::Stamp kStamp = [] {
    internal::v1::Stamp stamp;
    stamp.set_cause(v1::CAUSE_SESSION_UNKNOWN);
    return stamp;
  }();
  return kStamp;
}

// What an override says that the change of standing need not show: its weight, and its mode when
// nothing is registered that it could change.
std::string Said(const internal::v1::OverrideRecord& record, bool registered) {
  std::string said;
  if (!registered && !record.removed() && record.mode() != v1::OVERRIDE_MODE_UNSPECIFIED) {
    said = std::string(absl::StripPrefix(v1::OverrideMode_Name(record.mode()), "OVERRIDE_MODE_"));
  }
  if (!record.removed() && record.has_weight()) {
    absl::StrAppend(&said, said.empty() ? "" : ", ", "weight ", record.weight());
  }
  if (said.empty() || record.stamp().evidence().empty()) {
    return absl::StrCat(said, record.stamp().evidence());
  }
  return absl::StrCat(record.stamp().evidence(), " (", said, ")");
}

template <typename R>
void AddRevisions(const Timeline<R>& timeline, Revision after, std::set<Revision>& revisions) {
  for (const Versioned<R>& version : timeline.versions()) {
    if (version.revision > after) revisions.insert(version.revision);
  }
}

}  // namespace

InstanceFacts InstancePast::At(Revision revision, Revision override_revision) const {
  static const Versioned<SessionPoint> kNoSession;
  const auto& record = instance.At(revision);
  const Versioned<SessionPoint>* session = &kNoSession;
  if (record.exists()) {
    const auto at = sessions.find(record->session_id());
    if (at != sessions.end()) session = &at->second->At(revision);
  }
  return {record, *session, overrides.At(override_revision)};
}

std::vector<v1::Change> InstancePast::Changes(Revision after) const {
  std::set<Revision> revisions;
  AddRevisions(instance, after, revisions);
  AddRevisions(overrides, after, revisions);
  for (const auto& [id, session] : sessions) AddRevisions(*session, after, revisions);
  std::vector<v1::Change> changes;
  for (const Revision revision : revisions) AppendChanges(revision, changes);
  return changes;
}

void InstancePast::AppendChanges(Revision revision, std::vector<v1::Change>& out) const {
  const Revision last(revision.value() - 1);
  const InstanceFacts before = At(last, last);
  const InstanceFacts without_override = At(revision, last);
  const InstanceFacts after = At(revision, revision);
  const bool concerned = before.registered() || without_override.registered();
  if (const auto* written = instance.WrittenAt(revision); written != nullptr && concerned) {
    out.push_back(MakeChange(name, revision, before, without_override, written->stamp()));
  } else if (before.standing() != without_override.standing()) {
    out.push_back(MakeChange(name, revision, before, without_override,
                             without_override.session.exists() ? without_override.session->stamp
                                                               : StampOfPurgedSession()));
  }
  if (const auto* written = overrides.WrittenAt(revision)) {
    out.push_back(MakeChange(name, revision, without_override, after, written->stamp()));
    out.back().set_evidence(Said(*written, after.registered()));
    if (!after.registered()) out.back().set_kind("override");
  }
}

}  // namespace rollcall::history
