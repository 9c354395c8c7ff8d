#include "server/store/etcd/store_hash.h"

#include <utility>

#include "server/model/keys.h"
#include "server/store/etcd/told.h"

namespace rollcall::etcd {

void StoreHash::Read(Revision revision, Done done) {
  ReadPage(std::make_unique<Reading>(Reading{revision, prefix_.Under(""), {}, std::move(done)}));
}

void StoreHash::ReadPage(std::unique_ptr<Reading> reading) {
  pb::RangeRequest request;
  request.set_key(reading->left.begin);
  request.set_range_end(reading->left.end);
  request.set_limit(options_.page);
  request.set_revision(static_cast<int64_t>(reading->revision.value()));
  api_.Range(std::move(request), options_.within,
             lifeline_.Guard([this, reading = std::move(reading)](
                                 absl::StatusOr<pb::RangeResponse> page) mutable {
               OnPage(std::move(reading), std::move(page));
             }));
}

void StoreHash::OnPage(std::unique_ptr<Reading> reading, absl::StatusOr<pb::RangeResponse> page) {
  if (page.ok() && page->more() && page->kvs().empty()) {
    page = absl::InternalError("etcd says that there is more, and tells nothing");
  }
  if (!page.ok()) return reading->done(page.status());
  if (page->more()) reading->left.begin = page->kvs().rbegin()->key() + '\0';
  for (pb::KeyValue& kv : *page->mutable_kvs()) {
    if (const absl::Status told = CheckTold(prefix_, kv); !told.ok()) return reading->done(told);
    const store::Record record = prefix_.ToRecord(std::move(kv));
    if (KindOf(record.key) != KeyKind::kRecord) continue;
    reading->sum.hash += store::RecordHash(record.key, record.revision, record.value);
    ++reading->sum.records;
  }
  if (page->more()) return ReadPage(std::move(reading));
  reading->done(reading->sum);
}

}  // namespace rollcall::etcd
