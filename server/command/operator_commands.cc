#include "server/command/operator_commands.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/model/keys.h"
#include "server/model/names.h"
#include "server/model/times.h"

namespace rollcall::command {
namespace {

using google::protobuf::util::MessageDifferencer;
using internal::v1::OverrideRecord;
using internal::v1::ServiceRecord;

bool Same(const OverrideRecord& old, const OverrideRecord& wish) {
  return !old.removed() && old.mode() == wish.mode() && old.has_weight() == wish.has_weight() &&
         old.weight() == wish.weight() && old.reason() == wish.reason() && !old.has_expires() &&
         !wish.has_expires();
}

}  // namespace

std::vector<KeyUse> SetOverride::Keys(const Facts&) const {
  std::vector<KeyUse> keys = {{OverrideKeyOf(wish_.name), true}};
  if (wish_.must_exist) keys.push_back({InstanceKeyOf(wish_.name), false});
  return keys;
}

Decision SetOverride::Decide(const Facts& facts, const WriteContext& context) {
  Change change;
  if (wish_.must_exist) {
    const auto instance = facts.Instance(wish_.name);
    if (!instance.exists() || instance->removed()) {
      return absl::NotFoundError(absl::StrCat(Spoken(wish_.name), " is not registered"));
    }
    change.guards.push_back({InstanceKeyOf(wish_.name), instance.revision});
  }
  const Versioned<OverrideRecord> old = facts.Override(wish_.name);
  OverrideRecord record;
  *record.mutable_key() = KeyOf(wish_.name);
  record.set_mode(wish_.mode);
  if (wish_.weight) record.set_weight(*wish_.weight);
  record.set_reason(wish_.reason);
  if (wish_.duration) *record.mutable_expires() = ToProto(context.now + *wish_.duration);
  if (old.exists() && Same(*old.record, record)) return Nothing{};
  *record.mutable_stamp() = MakeStamp(context, why_);
  change.Replace(OverrideKeyOf(wish_.name), old, record);
  return change;
}

std::vector<KeyUse> ClearOverride::Keys(const Facts&) const {
  return {{OverrideKeyOf(name_), true}};
}

Decision ClearOverride::Decide(const Facts& facts, const WriteContext& context) {
  const Versioned<OverrideRecord> old = facts.Override(name_);
  if (!old.exists() || old->removed()) return Nothing{};
  if (only_if_expired_ && (!old->has_expires() || FromProto(old->expires()) > context.now)) {
    return Nothing{};
  }
  OverrideRecord record;
  *record.mutable_key() = KeyOf(name_);
  record.set_removed(true);
  *record.mutable_stamp() = MakeStamp(context, why_);
  Change change;
  change.Replace(OverrideKeyOf(name_), old, record);
  return change;
}

std::vector<KeyUse> PutService::Keys(const Facts&) const { return {{ServiceKeyOf(name_), true}}; }

Decision PutService::Decide(const Facts& facts, const WriteContext& context) {
  const Versioned<ServiceRecord> old = facts.Service(name_);
  const bool stands = old.exists() && !old->removed();
  ServiceRecord record;
  if (spec_) {
    if (stands && MessageDifferencer::Equals(old->spec(), *spec_)) return Nothing{};
    *record.mutable_spec() = *spec_;
  } else {
    if (!stands) {
      return absl::NotFoundError(
          absl::StrCat("service \"", name_.service, "\" has no specification"));
    }
    record.mutable_spec()->set_namespace_(name_.ns);
    record.mutable_spec()->set_service(name_.service);
    record.set_removed(true);
  }
  *record.mutable_stamp() = MakeStamp(context, why_);
  Change change;
  change.Replace(ServiceKeyOf(name_), old, record);
  return change;
}

}  // namespace rollcall::command
