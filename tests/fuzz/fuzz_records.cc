// Records as they stand in a store, of every kind, and what is read out of their bytes without
// parsing all of them.
#include <array>
#include <optional>
#include <string>

#include "rollcall/internal/v1/records.pb.h"
#include "server/backup/transplant.h"
#include "server/catalog/spec_bytes.h"
#include "server/committer/write_id.h"
#include "server/model/keys.h"
#include "server/model/state_revision.h"
#include "server/model/times.h"
#include "server/store/etcd/commit_time.h"
#include "server/store/etcd/store_identity.h"
#include "tests/fuzz/bytes.h"
#include "tests/fuzz/properties.h"

namespace rollcall::fuzz {
namespace {

using internal::v1::InstanceRecord;
using internal::v1::SessionRecord;
using internal::v1::StoreRecord;

// Parsed, and proven to survive being written and read again.
template <typename R>
std::optional<R> Decode(const std::string& bytes) {
  R record;
  if (!record.ParseFromString(bytes)) return std::nullopt;
  const std::string written = BytesOf(record);
  R again;
  Expect(again.ParseFromString(written), "what was written can be read");
  Expect(BytesOf(again) == written, "read, written and read again is the same");
  return record;
}

template <typename R>
void CheckStamp(const std::string& key, const R& record) {
  const std::string bytes = BytesOf(record);
  const auto time = etcd::StampTime(key, bytes);
  Expect(time.has_value() == record.stamp().has_time(), "a stamp's time is found where it is");
  if (time) Expect(*time == FromProto(record.stamp().time()), "and is the stamp's");
  const std::string& id = record.stamp().write_id();
  Expect(committer::CarriesWriteId(key, bytes, id) == !id.empty(), "its write id is found");
  Expect(!committer::CarriesWriteId(key, bytes, id + "x"), "and no other");
}

void CheckInstance(const InstanceRecord& record, const std::string& raw) {
  const absl::string_view front = catalog::SpecFieldOf(raw);
  Expect(absl::string_view(raw).substr(0, front.size()) == front, "the field stands in front");
  const std::string bytes = BytesOf(record);
  const absl::string_view field = catalog::SpecFieldOf(bytes);
  Expect(field.empty() != record.has_spec(), "a spec is found where there is one");
  if (field.empty()) return;
  Expect(BytesOf(catalog::DecodeSpecField(field)) == BytesOf(record.spec()),
         "the spec is the same");
  Expect(catalog::EncodeSpecField(record.spec()) == field, "and its bytes are");
}

void CheckSession(const SessionRecord& record, Revision revision) {
  const Revision state = StateRevisionOf(record, revision);
  Expect(state <= revision, "a state is not newer than its record");
  Expect(revision == Revision(0) || state > Revision(0), "and stands somewhere");
}

// What goes along into another store.
void CheckTransplant(const backup::Record& record) {
  backup::Transplant transplant({StoreId("from"), Revision(1), absl::UnixEpoch(), ""});
  const std::optional<std::string> once = transplant.Take(record);
  if (!once) return;
  const std::optional<std::string> twice = transplant.Take({record.key, *once, record.revision});
  Expect(twice == once, "transplanted twice is transplanted once");
  internal::v1::HorizonRecord horizon;
  Expect(horizon.ParseFromString(transplant.Last(absl::UnixEpoch()).value), "the last parses");
  InstanceRecord instance;
  if (record.key[0] == 'i' && instance.ParseFromString(*once)) {
    Expect(instance.lease_epoch() <= horizon.lease_epoch_base(), "no epoch is given twice");
    Expect(instance.create_revision() == 0, "no revision of the old store goes along");
  }
}

template <typename R>
void CheckRecord(const std::string& key, const std::string& bytes) {
  CheckTransplant({key, bytes, Revision(1)});
  static_cast<void>(etcd::StampTime(key, bytes));
  static_cast<void>(catalog::SpecFieldOf(bytes));
  const std::optional<R> record = Decode<R>(bytes);
  if (!record) return;
  CheckStamp(key, *record);
  if constexpr (std::is_same_v<R, InstanceRecord>) CheckInstance(*record, bytes);
  if constexpr (std::is_same_v<R, SessionRecord>) {
    CheckSession(*record, Revision(0));
    CheckSession(*record, Revision(7));
  }
}

void CheckStore(const std::string& bytes) {
  const auto id = etcd::StoreIdOf(bytes);
  const std::optional<StoreRecord> record = Decode<StoreRecord>(bytes);
  Expect(!id.ok() || (record && record->store_id() == id->value()), "the id is the record's");
  if (!id.ok()) return Expect(!id.status().message().empty(), "a refusal says why");
  Expect(record->format() == etcd::kStoreFormat, "only known formats are worked on");
  Expect(etcd::StoreIdOf(etcd::NewStoreRecord(*id)).value() == *id, "as a new store would be");
}

}  // namespace

FUZZ_TARGET(records) {
  Bytes bytes(input);
  const uint8_t kind = bytes.Byte() % 8;
  const std::string value = bytes.Rest();
  switch (kind) {
    case 0:
      return CheckRecord<SessionRecord>("s/0123", value);
    case 1:
      return CheckRecord<InstanceRecord>("i/ns/billing/a", value);
    case 2:
      return CheckRecord<internal::v1::OverrideRecord>("o/ns/billing/a", value);
    case 3:
      return CheckRecord<internal::v1::ServiceRecord>("v/ns/billing", value);
    case 4:
      return CheckRecord<internal::v1::HorizonRecord>(kHorizonKey, value);
    case 5:
      Decode<internal::v1::NodeRecord>(value);
      return;
    case 6:
      Decode<internal::v1::AuditRecord>(value);
      return;
    default:
      return CheckStore(value);
  }
}

}  // namespace rollcall::fuzz
