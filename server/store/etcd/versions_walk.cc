#include "server/store/etcd/versions_walk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/etcd/told.h"

namespace rollcall::etcd {

void VersionsWalk::Start(Calls& calls, const KeyPrefix& prefix, const std::string& key,
                         Revision after, absl::Duration within, store::Store::VersionsDone done) {
  std::shared_ptr<VersionsWalk> walk(
      new VersionsWalk(calls, prefix, prefix.Full(key), after, within, std::move(done)));
  walk->Read(Revision(0));
}

VersionsWalk::VersionsWalk(Calls& calls, const KeyPrefix& prefix, std::string full_key,
                           Revision after, absl::Duration within, store::Store::VersionsDone done)
    : calls_(calls),
      prefix_(prefix),
      full_key_(std::move(full_key)),
      after_(after),
      within_(within),
      done_(std::move(done)) {}

void VersionsWalk::Read(Revision revision) {
  pb::RangeRequest request;
  request.set_key(full_key_);
  request.set_revision(static_cast<int64_t>(revision.value()));
  calls_.Range(std::move(request), within_,
               [self = shared_from_this()](absl::StatusOr<pb::RangeResponse> answer) {
                 self->OnRead(std::move(answer));
               });
}

void VersionsWalk::OnRead(absl::StatusOr<pb::RangeResponse> answer) {
  if (!answer.ok()) return done_(answer.status());
  if (answer->kvs().empty()) return Finish();
  pb::KeyValue& kv = *answer->mutable_kvs(0);
  if (const absl::Status told = CheckTold(prefix_, kv); !told.ok()) return done_(told);
  if (kv.key() != full_key_ || (!found_.empty() && static_cast<uint64_t>(kv.mod_revision()) >=
                                                       found_.back().revision.value())) {
    return done_(absl::InternalError("etcd told another version than was asked for"));
  }
  const bool first = kv.create_revision() == kv.mod_revision();
  store::Record record = prefix_.ToRecord(std::move(kv));
  const Revision revision = record.revision;
  if (revision <= after_) return Finish();
  found_.push_back(std::move(record));
  const Revision before(revision.value() - 1);
  if (first || before <= after_) return Finish();
  if (found_.size() >= kMaxVersions) {
    return done_(absl::OutOfRangeError(
        absl::StrCat("kMaxVersions: the record has more than ", kMaxVersions, " versions")));
  }
  Read(before);
}

void VersionsWalk::Finish() {
  std::reverse(found_.begin(), found_.end());
  done_(std::move(found_));
}

}  // namespace rollcall::etcd
