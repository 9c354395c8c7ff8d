#include "server/store/etcd/barrier.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "server/model/keys.h"
#include "server/store/etcd/txn_builder.h"

namespace rollcall::etcd {
namespace {

absl::Status CannotAsk(const absl::Status& why) {
  return absl::UnavailableError(absl::StrCat("etcd cannot be asked: ", why.message()));
}

}  // namespace

Barrier::Barrier(Calls& calls, const KeyPrefix& prefix, StoreFence& fence, base::Executor& executor,
                 const base::Clock& clock, Options options,
                 std::function<void(Revision)> on_written)
    : calls_(calls),
      prefix_(prefix),
      fence_(fence),
      executor_(executor),
      clock_(clock),
      options_(options),
      on_written_(std::move(on_written)) {}

void Barrier::Ask(Done done) {
  if (MUTANT(barrier_joined_late) && read_in_flight_) return reading_.push_back(std::move(done));
  asking_.push_back(std::move(done));
  if (!read_in_flight_) Read();
}

void Barrier::Read() {
  read_in_flight_ = true;
  reading_ = std::exchange(asking_, {});
  pb::RangeRequest request;
  request.set_key(prefix_.Full(kBarrierKey));
  request.set_count_only(true);
  calls_.Range(std::move(request), options_.read_within,
               [this, told = told_](absl::StatusOr<pb::RangeResponse> answer) {
                 OnRead(told, std::move(answer));
               });
}

void Barrier::OnRead(Revision told_before, absl::StatusOr<pb::RangeResponse> answer) {
  read_in_flight_ = false;
  std::vector<Done> done = std::exchange(reading_, {});
  if (!asking_.empty()) Read();
  if (!answer.ok()) return AnswerAll(std::move(done), CannotAsk(answer.status()));
  const Revision revision(static_cast<uint64_t>(answer->header().revision()));
  fence_.SawRevision(told_before, revision);
  if (fence_.broken()) return AnswerAll(std::move(done), CannotAsk(fence_.state()));
  Wait(revision, std::move(done));
  AnswerTold();
}

void Barrier::Await(Revision revision, Done done) {
  std::vector<Done> one;
  one.push_back(std::move(done));
  Wait(revision, std::move(one));
  executor_.Post(lifeline_.Guard([this] { AnswerTold(); }));
}

void Barrier::Wait(Revision revision, std::vector<Done> done) {
  waiting_.push_back({next_number_++, revision, clock_.Steady(), std::move(done)});
  ArmWrite();
}

void Barrier::Told(Revision revision) {
  told_ = std::max(told_, revision);
  AnswerTold();
}

void Barrier::AnswerTold() {
  std::deque<Waiting> told;
  std::deque<Waiting> still;
  for (Waiting& waiting : waiting_) {
    (waiting.revision <= told_ ? told : still).push_back(std::move(waiting));
  }
  waiting_ = std::move(still);
  for (Waiting& waiting : told) AnswerAll(std::move(waiting.done), waiting.revision);
}

void Barrier::ArmWrite() {
  if (write_armed_ || write_in_flight_ || waiting_.empty()) return;
  write_armed_ = true;
  executor_.PostAt(waiting_.front().since + options_.patience,
                   lifeline_.Guard([this] { OnPatienceOver(); }));
}

void Barrier::OnPatienceOver() {
  write_armed_ = false;
  if (waiting_.empty()) return;
  if (clock_.Steady() < waiting_.front().since + options_.patience) return ArmWrite();
  Write();
}

// The put is nested in a Txn of its own: so etcd does not count it, and reads do not depend on
// whether there is space for writes.
void Barrier::Write() {
  write_in_flight_ = true;
  pb::TxnRequest txn;
  fence_.Guard(txn);
  AddPut(*txn.add_success()->mutable_request_txn(), prefix_.Full(kBarrierKey), "");
  calls_.Txn(std::move(txn), options_.write_within,
             [this, covered = next_number_](const absl::StatusOr<pb::TxnResponse>& answer) {
               OnWritten(covered, answer);
             });
}

void Barrier::OnWritten(uint64_t covered, const absl::StatusOr<pb::TxnResponse>& answer) {
  write_in_flight_ = false;
  const absl::StatusOr<Revision> revision = RevisionOfWrite(answer);
  std::vector<Done> done;
  while (!waiting_.empty() && waiting_.front().number < covered) {
    std::move(waiting_.front().done.begin(), waiting_.front().done.end(), std::back_inserter(done));
    waiting_.pop_front();
  }
  ArmWrite();
  AnswerAll(std::move(done), revision);
}

absl::StatusOr<Revision> Barrier::RevisionOfWrite(const absl::StatusOr<pb::TxnResponse>& answer) {
  if (!answer.ok()) return CannotAsk(answer.status());
  if (!answer->succeeded()) {
    fence_.Failed();
    return CannotAsk(fence_.state());
  }
  const Revision revision(static_cast<uint64_t>(answer->header().revision()));
  on_written_(revision);
  return revision;
}

void Barrier::AnswerAll(std::vector<Done> done, const absl::StatusOr<Revision>& answer) {
  for (Done& one : done) one(answer);
}

}  // namespace rollcall::etcd
