#include "server/backup/transplant.h"

#include <algorithm>

#include "rollcall/internal/v1/records.pb.h"
#include "server/model/keys.h"
#include "server/model/times.h"

namespace rollcall::backup {

Transplant::Transplant(const Header& from) : revision_(from.revision.value()) {}

void Transplant::SeeEpoch(uint64_t epoch) { epoch_ = std::max(epoch_, epoch); }

std::optional<std::string> Transplant::Take(const Record& record) {
  if (KindOf(record.key) != KeyKind::kRecord) return std::nullopt;
  const std::optional<RecordName> name = ParseKey(record.key);
  if (!name) return record.value;
  if (std::holds_alternative<HorizonName>(*name)) {
    internal::v1::HorizonRecord horizon;
    if (horizon.ParseFromString(record.value)) base_ = horizon.lease_epoch_base();
    return std::nullopt;
  }
  if (std::holds_alternative<SessionId>(*name)) {
    internal::v1::SessionRecord session;
    if (!session.ParseFromString(record.value)) return record.value;
    for (const auto& lost : session.lost()) SeeEpoch(lost.lease_epoch());
    if (session.state_revision() == 0) return record.value;
    session.clear_state_revision();
    return session.SerializeAsString();
  }
  if (std::holds_alternative<InstanceName>(*name)) {
    internal::v1::InstanceRecord instance;
    if (!instance.ParseFromString(record.value)) return record.value;
    SeeEpoch(instance.lease_epoch());
    if (instance.create_revision() == 0) return record.value;
    instance.clear_create_revision();
    return instance.SerializeAsString();
  }
  return record.value;
}

Record Transplant::Last(absl::Time now) const {
  internal::v1::HorizonRecord horizon;
  // An epoch is at most the base and the revision that it was committed at.
  horizon.set_lease_epoch_base(std::max(base_ + revision_, epoch_));
  *horizon.mutable_stamp()->mutable_time() = ToProto(now);
  horizon.mutable_stamp()->set_actor("restore");
  return {kHorizonKey, horizon.SerializeAsString(), Revision(0)};
}

}  // namespace rollcall::backup
