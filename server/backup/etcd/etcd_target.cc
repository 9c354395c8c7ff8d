#include "server/backup/etcd/etcd_target.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "rollcall/internal/v1/records.pb.h"
#include "server/model/keys.h"
#include "server/store/etcd/store_identity.h"
#include "server/store/etcd/txn_builder.h"

namespace rollcall::backup {
namespace {

namespace pb = etcd::pb;
using internal::v1::StoreRecord;

constexpr int64_t kPage = 500;

size_t BytesOf(const Record& record) { return record.key.size() + record.value.size(); }

// The first key after `key`.
std::string After(const std::string& key) { return key + '\0'; }

pb::RangeRequest RangeOf(const etcd::KeyPrefix::Span& span) {
  pb::RangeRequest request;
  request.set_key(span.begin);
  request.set_range_end(span.end);
  return request;
}

pb::Compare ValueIs(const std::string& key, const std::string& value) {
  pb::Compare compare;
  compare.set_key(key);
  compare.set_target(pb::Compare::VALUE);
  compare.set_result(pb::Compare::EQUAL);
  compare.set_value(value);
  return compare;
}

pb::Compare RevisionIs(const std::string& key, int64_t revision) {
  pb::Compare compare;
  compare.set_key(key);
  compare.set_target(pb::Compare::MOD);
  compare.set_result(pb::Compare::EQUAL);
  compare.set_mod_revision(revision);
  return compare;
}

}  // namespace

EtcdTarget::EtcdTarget(EtcdCaller& caller, base::Random& random, Options options)
    : caller_(caller),
      options_(std::move(options)),
      prefix_(options_.prefix),
      store_key_(prefix_.Full(kStoreKey)),
      id_(random.Hex128()) {}

std::string EtcdTarget::StoreRecordOf(bool ready) const {
  StoreRecord record;
  record.set_store_id(id_.value());
  record.set_format(etcd::kStoreFormat);
  record.set_state(ready ? StoreRecord::STATE_READY : StoreRecord::STATE_RESTORING);
  return record.SerializeAsString();
}

std::string EtcdTarget::Place() const {
  return absl::StrCat("etcd prefix \"", prefix_.value(), "\"");
}

absl::StatusOr<EtcdTarget::Standing> EtcdTarget::ReadStoreRecord() {
  pb::RangeRequest request;
  request.set_key(store_key_);
  ASSIGN_OR_RETURN(const pb::RangeResponse response, caller_.Range(request));
  if (response.kvs().empty()) return Standing();
  return Standing{response.kvs(0).value(), response.kvs(0).mod_revision()};
}

absl::StatusOr<int64_t> EtcdTarget::Count(const Span& span) {
  pb::RangeRequest request = RangeOf(span);
  request.set_count_only(true);
  ASSIGN_OR_RETURN(const pb::RangeResponse response, caller_.Range(request));
  return response.count();
}

absl::Status EtcdTarget::CheckMayGo(const Standing& standing) {
  if (options_.replace) return absl::OkStatus();
  StoreRecord record;
  if (!record.ParseFromString(standing.value)) {
    return absl::FailedPreconditionError(
        absl::StrCat(Place(), " holds something that is not Rollcall's; name another prefix"));
  }
  if (record.state() == StoreRecord::STATE_RESTORING) {
    return absl::FailedPreconditionError(
        absl::StrCat("a restore into ", Place(),
                     " was begun and did not end; if none is running, do it again with --force"));
  }
  ASSIGN_OR_RETURN(int64_t records, Count(prefix_.Under("")));
  ASSIGN_OR_RETURN(const int64_t nodes, Count(prefix_.Under(kNodePrefix)));
  ASSIGN_OR_RETURN(const int64_t offices, Count(prefix_.Under(kOfficePrefix)));
  ASSIGN_OR_RETURN(const int64_t control, Count(prefix_.Under("c/")));
  records -= nodes + offices + control;
  if (records == 0 && nodes == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(Place(), " is in use: it holds ", records, " records, and ", nodes,
                   " nodes run on it; name another with --etcd-prefix, or replace it all with "
                   "--force (the nodes then start afresh by themselves)"));
}

absl::Status EtcdTarget::Turn(const pb::Compare& from, const std::string& to) {
  pb::TxnRequest txn;
  *txn.add_compare() = from;
  etcd::AddPut(txn, store_key_, to);
  ASSIGN_OR_RETURN(const pb::TxnResponse response, caller_.Txn(txn));
  if (response.succeeded()) return absl::OkStatus();
  // Asked again, it meets what it wrote itself: nobody else knows our id.
  ASSIGN_OR_RETURN(const Standing now, ReadStoreRecord());
  if (now.value == to) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("another restore has taken over ", Place(),
                                         "; this one gives up and has made no store"));
}

absl::Status EtcdTarget::Begin() {
  ASSIGN_OR_RETURN(const Standing standing, ReadStoreRecord());
  RETURN_IF_ERROR(CheckMayGo(standing));
  RETURN_IF_ERROR(Turn(RevisionIs(store_key_, standing.revision), StoreRecordOf(false)));
  const Span all = prefix_.Under("");
  RETURN_IF_ERROR(DeleteAll({all.begin, store_key_}));
  return DeleteAll({After(store_key_), all.end});
}

absl::Status EtcdTarget::DeleteAll(const Span& span) {
  pb::RangeRequest page = RangeOf(span);
  page.set_keys_only(true);
  page.set_limit(kPage);
  // Once through: nodes that still run may put their leased keys again behind us.
  while (true) {
    ASSIGN_OR_RETURN(const pb::RangeResponse keys, caller_.Range(page));
    if (keys.kvs().empty()) return absl::OkStatus();
    const std::string end = After(keys.kvs().rbegin()->key());
    pb::TxnRequest txn;
    pb::DeleteRangeRequest& request = *txn.add_success()->mutable_request_delete_range();
    request.set_key(keys.kvs(0).key());
    request.set_range_end(end);
    RETURN_IF_ERROR(Guarded(std::move(txn)));
    page.set_key(end);
  }
}

absl::Status EtcdTarget::Guarded(pb::TxnRequest txn) {
  *txn.add_compare() = ValueIs(store_key_, StoreRecordOf(false));
  ASSIGN_OR_RETURN(const pb::TxnResponse response, caller_.Txn(txn));
  if (response.succeeded()) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat("another restore has taken over ", Place(),
                                         "; this one gives up and has made no store"));
}

absl::Status EtcdTarget::Put(const std::vector<Record>& records) {
  const Record* at = records.data();
  const Record* const end = at + records.size();
  while (at != end) {
    const Record* next = at;
    size_t bytes = 0;
    do {
      bytes += BytesOf(*next++);
    } while (next != end && static_cast<size_t>(next - at) < options_.puts_at_once &&
             bytes + BytesOf(*next) <= options_.bytes_at_once);
    RETURN_IF_ERROR(PutSome(at, next));
    at = next;
  }
  return absl::OkStatus();
}

absl::Status EtcdTarget::PutSome(const Record* begin, const Record* end) {
  pb::TxnRequest txn;
  for (const Record* at = begin; at != end; ++at) {
    etcd::AddPut(txn, prefix_.Full(at->key), at->value);
  }
  const absl::Status status = Guarded(std::move(txn));
  if (!absl::IsInvalidArgument(status)) return status;
  // An etcd with lower limits than usual.
  if (end - begin > 1) {
    const Record* const middle = begin + (end - begin) / 2;
    RETURN_IF_ERROR(PutSome(begin, middle));
    return PutSome(middle, end);
  }
  return absl::FailedPreconditionError(
      absl::StrCat("etcd does not take the record \"", begin->key, "\" of ", BytesOf(*begin),
                   " bytes (", status.message(), "); raise its --max-request-bytes"));
}

absl::StatusOr<Contents> EtcdTarget::ReadBack() {
  Contents contents;
  pb::RangeRequest page = RangeOf(prefix_.Under(""));
  page.set_limit(kPage);
  while (true) {
    ASSIGN_OR_RETURN(const pb::RangeResponse found, caller_.Range(page));
    if (found.kvs().empty()) return contents;
    for (const pb::KeyValue& kv : found.kvs()) {
      const std::string key = prefix_.Plain(kv.key());
      if (KindOf(key) == KeyKind::kRecord) contents.Add(key, kv.value());
    }
    page.set_revision(found.header().revision());
    page.set_key(After(found.kvs().rbegin()->key()));
  }
}

absl::StatusOr<StoreId> EtcdTarget::Finish() {
  RETURN_IF_ERROR(Turn(ValueIs(store_key_, StoreRecordOf(false)), StoreRecordOf(true)));
  return id_;
}

}  // namespace rollcall::backup
