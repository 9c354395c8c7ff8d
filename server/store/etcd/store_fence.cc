#include "server/store/etcd/store_fence.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/model/keys.h"

namespace rollcall::etcd {

StoreFence::StoreFence(const KeyPrefix& prefix, std::string record, base::Executor& executor,
                       OnReplaced on_replaced)
    : key_(prefix.Full(kStoreKey)),
      record_(std::move(record)),
      executor_(executor),
      on_replaced_(std::move(on_replaced)) {}

void StoreFence::Guard(pb::TxnRequest& txn) const {
  pb::Compare& compare = *txn.add_compare();
  compare.set_target(pb::Compare::VALUE);
  compare.set_result(pb::Compare::EQUAL);
  compare.set_key(key_);
  compare.set_value(record_);
}

void StoreFence::Saw(const std::optional<std::string>& record) {
  if (record == record_) return;
  Break(absl::FailedPreconditionError(record ? "the store was replaced by another one"
                                             : "the store was removed from etcd"));
}

void StoreFence::Failed() {
  Break(absl::FailedPreconditionError("the store was replaced by another one"));
}

void StoreFence::SawRevision(Revision told, Revision revision) {
  if (told <= revision) return;
  Break(absl::FailedPreconditionError(
      absl::StrCat("the store was replaced: etcd went back from revision ", told.value(), " to ",
                   revision.value())));
}

void StoreFence::Break(absl::Status why) {
  if (broken()) return;
  state_ = std::move(why);
  executor_.Post(lifeline_.Guard([this] {
    if (on_replaced_) on_replaced_(state_);
  }));
}

}  // namespace rollcall::etcd
