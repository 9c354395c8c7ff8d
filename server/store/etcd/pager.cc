#include "server/store/etcd/pager.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/etcd/told.h"

namespace rollcall::etcd {

Pager::Pager(Calls& calls, base::Executor& executor, const KeyPrefix& prefix,
             std::vector<KeyPrefix::Span> spans, Revision revision, Options options, OnPart on_part)
    : calls_(calls),
      executor_(executor),
      prefix_(prefix),
      options_(options),
      on_part_(std::move(on_part)),
      left_(std::move(spans)),
      limit_(options.page),
      revision_(revision) {}

void Pager::Run(Done done) {
  done_ = std::move(done);
  ReadPage();
}

void Pager::ReadPage() {
  pb::RangeRequest request;
  request.set_key(left_.front().begin);
  request.set_range_end(left_.front().end);
  request.set_limit(limit_);
  request.set_revision(
      MUTANT(pages_of_different_revisions) ? 0 : static_cast<int64_t>(revision_.value()));
  calls_.Range(std::move(request), options_.within,
               lifeline_.Guard(
                   [this](absl::StatusOr<pb::RangeResponse> page) { OnAnswer(std::move(page)); }));
}

void Pager::OnAnswer(absl::StatusOr<pb::RangeResponse> page) {
  const absl::Status status = page.ok() ? Take(*std::move(page)) : page.status();
  if (status.ok()) return TellPart();
  limit_ = std::max<int64_t>(limit_ / 4, 1);
  Done done = std::move(done_);
  done(status);
}

void Pager::TellPart() {
  const auto end = untold_.begin() + std::min<ptrdiff_t>(std::ssize(untold_), options_.page);
  on_part_({std::make_move_iterator(untold_.begin()), std::make_move_iterator(end)});
  untold_.erase(untold_.begin(), end);
  if (!untold_.empty()) {
    executor_.Post(lifeline_.Guard([this] { TellPart(); }));
  } else if (!left_.empty()) {
    ReadPage();
  } else {
    Done done = std::move(done_);
    done(absl::OkStatus());
  }
}

void Pager::Grow(size_t records, size_t bytes) {
  if (records == 0) return;
  const auto fit = static_cast<int64_t>(options_.page_bytes * records / std::max<size_t>(bytes, 1));
  limit_ = std::clamp<int64_t>(fit, 1, std::min(options_.largest_page, 4 * limit_));
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
  size_t bytes = 0;
  for (pb::KeyValue& kv : *page.mutable_kvs()) {
    bytes += kv.key().size() + kv.value().size();
    untold_.push_back(prefix_.ToRecord(std::move(kv)));
  }
  Grow(untold_.size(), bytes);
  return absl::OkStatus();
}

}  // namespace rollcall::etcd
