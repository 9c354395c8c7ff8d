#include "server/store/etcd/store_identity.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "rollcall/internal/v1/records.pb.h"
#include "server/model/keys.h"
#include "server/store/etcd/txn_builder.h"

namespace rollcall::etcd {
namespace {

using internal::v1::StoreRecord;

// Asking again does not change who we are and what we ask for.
bool WillNotMend(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string NewStoreRecord(const StoreId& id) {
  StoreRecord record;
  record.set_store_id(id.value());
  record.set_format(kStoreFormat);
  record.set_state(StoreRecord::STATE_READY);
  return record.SerializeAsString();
}

absl::StatusOr<StoreId> StoreIdOf(const std::string& bytes) {
  StoreRecord record;
  if (!record.ParseFromString(bytes) || record.store_id().empty()) {
    return absl::FailedPreconditionError(
        "what stands under c/store in etcd is no store's record: is the prefix used by another "
        "program?");
  }
  if (record.format() != kStoreFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("the store in etcd has format ", record.format(), ", this program knows ",
                     kStoreFormat, ": run the version of rollcalld that wrote it"));
  }
  if (record.state() == StoreRecord::STATE_RESTORING) {
    return absl::UnavailableError(
        "a restore into this store was begun and has not ended: let it end, or, if none is "
        "running, do it again with 'rollcall restore FILE --force'");
  }
  return StoreId(record.store_id());
}

StoreIdentity::StoreIdentity(EtcdApi& api, const KeyPrefix& prefix, base::Executor& executor,
                             const base::Clock& clock, base::Random& random, OnWaiting on_waiting)
    : api_(api),
      key_(prefix.Full(kStoreKey)),
      executor_(executor),
      clock_(clock),
      random_(random),
      on_waiting_(std::move(on_waiting)),
      begun_(clock.Steady()) {}

void StoreIdentity::Find(Done done) {
  done_ = std::move(done);
  last_ = absl::UnavailableError("etcd has not answered yet");
  executor_.PostAt(begun_ + kSayEvery, lifeline_.Guard([this] { Say(); }));
  Read();
}

void StoreIdentity::Say() {
  if (on_waiting_) on_waiting_(last_, clock_.Steady() - begun_);
  executor_.PostAt(clock_.Steady() + kSayEvery, lifeline_.Guard([this] { Say(); }));
}

void StoreIdentity::Read() {
  pb::RangeRequest request;
  request.set_key(key_);
  api_.Range(std::move(request), kWithin,
             lifeline_.Guard(
                 [this, sent = clock_.Steady()](const absl::StatusOr<pb::RangeResponse>& answer) {
                   OnRead(sent, answer);
                 }));
}

void StoreIdentity::OnRead(base::Instant sent, const absl::StatusOr<pb::RangeResponse>& answer) {
  if (!answer.ok()) return Retry(answer.status());
  if (answer->kvs().empty()) return Create();
  Answer(sent, answer->kvs(0).value());
}

void StoreIdentity::Create() {
  const std::string record = NewStoreRecord(StoreId(random_.Hex128()));
  pb::TxnRequest txn;
  pb::Compare& absent = *txn.add_compare();
  absent.set_target(pb::Compare::CREATE);
  absent.set_result(pb::Compare::EQUAL);
  absent.set_key(key_);
  absent.set_create_revision(0);
  AddPut(txn, key_, record);
  AddRange(*txn.mutable_failure(), key_);
  api_.Txn(std::move(txn), kWithin,
           lifeline_.Guard([this, record,
                            sent = clock_.Steady()](const absl::StatusOr<pb::TxnResponse>& answer) {
             OnCreated(sent, record, answer);
           }));
}

void StoreIdentity::OnCreated(base::Instant sent, const std::string& record,
                              const absl::StatusOr<pb::TxnResponse>& answer) {
  // Created or not: reading it again tells.
  if (!answer.ok()) return Retry(answer.status());
  if (answer->succeeded()) return Answer(sent, record);
  if (answer->responses_size() != 1 || answer->responses(0).response_range().kvs().empty()) {
    return Retry(absl::InternalError("etcd's answer does not fit the request"));
  }
  Answer(sent, answer->responses(0).response_range().kvs(0).value());
}

void StoreIdentity::Retry(const absl::Status& why) {
  if (WillNotMend(why)) return Finish(why);
  last_ = why;
  executor_.PostAt(clock_.Steady() + backoff_.Next(random_), lifeline_.Guard([this] { Read(); }));
}

void StoreIdentity::Answer(base::Instant sent, const std::string& record) {
  absl::StatusOr<StoreId> id = StoreIdOf(record);
  if (!id.ok()) return Retry(id.status());
  Finish(Found{*std::move(id), record, sent});
}

void StoreIdentity::Finish(absl::StatusOr<Found> found) {
  lifeline_.Cut();
  Done done = std::move(done_);
  done(std::move(found));
}

}  // namespace rollcall::etcd
