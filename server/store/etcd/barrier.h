// Barrier: answers with a revision that the watch will tell, at or above everything that was
// acknowledged before it was asked.
//
// A linearizable read tells where etcd stands. What has been told that far is the answer at once.
// Else the revision may be another user's of etcd, of which our watch hears nothing: after a little
// while a key of our own is written, and its revision is the answer. One read is in flight, shared
// by all who asked before it was sent; those who ask later share the next. So do writes. (A manual
// progress request would be cheaper, but is not ordered with the events: etcd issue 15220.)
//
// Lives on one executor; answers come later than the question.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/lifeline.h"
#include "server/store/etcd/calls.h"
#include "server/store/etcd/key_prefix.h"
#include "server/store/etcd/store_fence.h"
#include "server/store/store.h"

namespace rollcall::etcd {

class Barrier {
 public:
  struct Options {
    // Failing over to another member included.
    absl::Duration read_within = absl::Seconds(5);
    absl::Duration write_within = absl::Seconds(5);
    // How long the watch has before a key is written.
    absl::Duration patience = absl::Milliseconds(50);
  };
  // `on_written` hears of revisions that the watch must tell.
  Barrier(Calls& calls, const KeyPrefix& prefix, StoreFence& fence, base::Executor& executor,
          const base::Clock& clock, Options options, std::function<void(Revision)> on_written);

  using Done = store::Store::BarrierDone;
  void Ask(Done done);
  // As Ask, for those who know already that they need `revision`.
  void Await(Revision revision, Done done);
  // All up to `revision` has been told.
  void Told(Revision revision);
  Revision told() const { return told_; }

 private:
  // Waits for the watch to reach what was read.
  struct Waiting {
    uint64_t number;
    Revision revision;
    base::Instant since;
    std::vector<Done> done;
  };

  void Read();
  void OnRead(Revision told_before, absl::StatusOr<pb::RangeResponse> answer);
  void Wait(Revision revision, std::vector<Done> done);
  void AnswerTold();
  void ArmWrite();
  void OnPatienceOver();
  void Write();
  // `covered`: the write was sent for those who wait under a lower number.
  void OnWritten(uint64_t covered, const absl::StatusOr<pb::TxnResponse>& answer);
  absl::StatusOr<Revision> RevisionOfWrite(const absl::StatusOr<pb::TxnResponse>& answer);
  static void AnswerAll(std::vector<Done> done, const absl::StatusOr<Revision>& answer);

  Calls& calls_;
  const KeyPrefix& prefix_;
  StoreFence& fence_;
  base::Executor& executor_;
  const base::Clock& clock_;
  const Options options_;
  const std::function<void(Revision)> on_written_;

  Revision told_;
  std::vector<Done> asking_;   // for the next read
  std::vector<Done> reading_;  // for the read in flight
  bool read_in_flight_ = false;
  std::deque<Waiting> waiting_;  // by arrival
  uint64_t next_number_ = 0;
  bool write_armed_ = false;
  bool write_in_flight_ = false;
  base::Lifeline lifeline_;
};

}  // namespace rollcall::etcd
