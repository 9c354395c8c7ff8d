#include "server/store/etcd/pager.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/etcd/told.h"

namespace rollcall::etcd {

Pager::Pager(Calls& calls, const KeyPrefix& prefix, std::vector<KeyPrefix::Span> spans,
             Revision revision, Options options, OnPage on_page)
    : calls_(calls),
      prefix_(prefix),
      options_(options),
      on_page_(std::move(on_page)),
      left_(std::move(spans)),
      revision_(revision) {}

void Pager::Run(Done done) {
  done_ = std::move(done);
  ReadPage();
}

void Pager::ReadPage() {
  pb::RangeRequest request;
  request.set_key(left_.front().begin);
  request.set_range_end(left_.front().end);
  request.set_limit(options_.page);
  request.set_revision(
      MUTANT(pages_of_different_revisions) ? 0 : static_cast<int64_t>(revision_.value()));
  calls_.Range(std::move(request), options_.within,
               lifeline_.Guard(
                   [this](absl::StatusOr<pb::RangeResponse> page) { OnAnswer(std::move(page)); }));
}

void Pager::OnAnswer(absl::StatusOr<pb::RangeResponse> page) {
  const absl::Status status = page.ok() ? Take(*std::move(page)) : page.status();
  if (status.ok() && !left_.empty()) return ReadPage();
  Done done = std::move(done_);
  done(status);
}

absl::Status Pager::Take(pb::RangeResponse page) {
  if (page.more() && page.kvs().empty()) {
    return absl::InternalError("etcd says that there is more, and tells nothing");
  }
  if (page.header().revision() < 0) {
    return absl::InternalError(
        absl::StrCat("etcd told that it is at revision ", page.header().revision()));
  }
  for (const pb::KeyValue& kv : page.kvs()) RETURN_IF_ERROR(CheckTold(prefix_, kv));
  if (revision_ == Revision(0)) {
    revision_ = Revision(static_cast<uint64_t>(page.header().revision()));
  }
  // The first key behind the last of this page.
  if (page.more()) left_.front().begin = page.kvs().rbegin()->key() + '\0';
  if (!page.more()) left_.erase(left_.begin());
  std::vector<store::Record> records;
  records.reserve(static_cast<size_t>(page.kvs_size()));
  for (pb::KeyValue& kv : *page.mutable_kvs()) {
    records.push_back(prefix_.ToRecord(std::move(kv)));
  }
  on_page_(std::move(records));
  return absl::OkStatus();
}

}  // namespace rollcall::etcd
