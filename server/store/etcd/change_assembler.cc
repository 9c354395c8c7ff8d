#include "server/store/etcd/change_assembler.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/etcd/commit_time.h"
#include "server/store/etcd/told.h"

namespace rollcall::etcd {
namespace {

Revision RevisionOf(int64_t revision) { return Revision(static_cast<uint64_t>(revision)); }

}  // namespace

ChangeAssembler::Taken ChangeAssembler::Take(pb::WatchResponse response, absl::Time now) {
  if (response.canceled()) return Cancelled(response);
  if (response.created()) {
    watch_id_ = response.watch_id();
  } else if (!watch_id_) {
    return Broken{absl::InternalError("etcd told events before the watch stood")};
  } else if (response.watch_id() != *watch_id_) {
    return Changes{};
  }
  // The header of the first answer says where the member stands, not what has been told.
  const bool progress = response.events().empty() && !response.created() && !response.fragment();
  if (progress && response.header().revision() < 0) {
    return Broken{absl::InternalError(
        absl::StrCat("etcd told that it is at revision ", response.header().revision()))};
  }
  Changes out;
  for (pb::Event& event : *response.mutable_events()) {
    const absl::Status added = Add(std::move(event), now, out);
    if (!added.ok()) return Broken{added};
  }
  if (!response.fragment()) {
    const bool was_open = open_.has_value();
    Flush(now, out);
    if (progress && !was_open) Progress(RevisionOf(response.header().revision()), now, out);
  }
  return out;
}

ChangeAssembler::Taken ChangeAssembler::Cancelled(const pb::WatchResponse& response) const {
  if (response.compact_revision() > 0) return Compacted{};
  return Broken{
      absl::UnavailableError(absl::StrCat("etcd cancelled the watch: ", response.cancel_reason()))};
}

absl::Status ChangeAssembler::Add(pb::Event event, absl::Time now, Changes& out) {
  RETURN_IF_ERROR(CheckTold(prefix_, event.kv()));
  const Revision revision = RevisionOf(event.kv().mod_revision());
  if (open_ && revision < open_->revision) {
    return absl::InternalError(
        absl::StrCat("etcd told revision ", revision.value(), " after ", open_->revision.value()));
  }
  if (revision <= told_) return absl::OkStatus();
  if (open_ && open_->revision < revision) Flush(now, out);
  if (!open_) open_ = store::ChangeSet{revision, {}, {}};
  std::string key = prefix_.Plain(event.kv().key());
  std::optional<std::string> value;
  if (event.type() == pb::Event::PUT) value = std::move(*event.mutable_kv()->mutable_value());
  open_->entries.push_back({std::move(key), std::move(value)});
  return absl::OkStatus();
}

void ChangeAssembler::Flush(absl::Time now, Changes& out) {
  if (!open_) return;
  std::sort(open_->entries.begin(), open_->entries.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  open_->time = CommitTime(*open_, told_at_, now);
  told_ = open_->revision;
  told_at_ = open_->time;
  out.push_back(*std::exchange(open_, std::nullopt));
}

void ChangeAssembler::Progress(Revision revision, absl::Time now, Changes& out) {
  if (revision <= told_) return;
  open_ = store::ChangeSet{revision, {}, {}};
  Flush(now, out);
}

}  // namespace rollcall::etcd
