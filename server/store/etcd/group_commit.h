// GroupCommit: carries groups of transactions to etcd, and tells what became of each.
//
// A group goes out as one Txn, or as several when it is over etcd's limits, all behind the fence.
// When etcd says that it is full, the guards are read once more: a Txn may be refused for what it
// has just written, so only one whose guards still stand was refused for certain. Lives on one
// executor; answers come later than the call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/store/etcd/barrier.h"
#include "server/store/etcd/calls.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/etcd/store_fence.h"
#include "server/store/etcd/txn_builder.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class GroupCommit {
 public:
  struct Options {
    TxnLimits limits;
    // etcd's --max-request-bytes, less a little: what is larger is not sent.
    size_t max_request_bytes = (3 << 19) - (16 << 10);
    absl::Duration within = absl::Seconds(3);
  };
  // `on_written` hears of revisions that the watch must tell.
  GroupCommit(Calls& calls, const KeyPrefix& prefix, StoreFence& fence, Barrier& barrier,
              base::Executor& executor, Options options, std::function<void(Revision)> on_written);

  void Commit(std::vector<store::Transaction> group, store::Store::CommitDone done);

 private:
  // A group on its way; lives until its last part is answered.
  struct Group {
    std::vector<store::Outcome> outcomes;
    size_t open;  // transactions without outcome
    store::Store::CommitDone done;
  };
  // What goes into one Txn.
  struct Part {
    std::shared_ptr<Group> group;
    std::vector<size_t> places;  // in the group
    std::vector<store::Transaction> members;
  };

  void SendAll(std::vector<store::Transaction> group, const std::shared_ptr<Group>& state);
  void Send(Part part);
  void OnAnswer(Part part, absl::StatusOr<pb::TxnResponse> answer);
  void OnHeld(Part part, pb::TxnResponse response);
  void OnError(Part part, const absl::Status& error);
  // A revision at which nothing was written need not be told by the watch.
  void AnswerBehindBarrier(Part part, std::vector<store::Outcome> outcomes, Revision revision);
  void SendHalves(Part part, const absl::Status& error);
  // etcd was full: were they written nevertheless?
  void Check(Part part, const absl::Status& error);
  void OnChecked(Part part, const absl::Status& error, absl::StatusOr<pb::TxnResponse> answer);
  static void AnswerEach(Part part, std::vector<store::Outcome> outcomes);
  static void AnswerAll(Part part, const store::Outcome& outcome);

  Calls& calls_;
  const KeyPrefix& prefix_;
  StoreFence& fence_;
  Barrier& barrier_;
  base::Executor& executor_;
  const Options options_;
  const std::function<void(Revision)> on_written_;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
