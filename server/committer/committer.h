// Committer: merges concurrent commands into guarded transactions, keeps several groups in flight,
// and answers each caller for itself.
//
// Per key at most one undecided transaction (KeyLocks); later commands on that key are decided on
// its outcome. A command is answered after its change is applied here. A failed guard is decided
// again on newer records, a bounded number of times. An unknown outcome is settled by submitting
// the identical transaction again, never guessed; a command that would come too late is withdrawn
// instead, which settles it as surely (Command::Withdrawal). Nobody waits beyond its deadline: a
// command that was not submitted by then is dropped (DEADLINE_EXCEEDED, nothing was done); for one
// that was, the caller hears UNAVAILABLE "outcome unknown", and the settling goes on.
//
// Lives on the core executor: Submit and the answers happen there.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/command/command.h"
#include "server/committer/deadlines.h"
#include "server/committer/key_locks.h"
#include "server/model/facts.h"
#include "server/replica/replica.h"
#include "server/store/store.h"

namespace rollcall::committer {

class Committer {
 public:
  struct Options {
    size_t groups_in_flight = 2;
    size_t max_group = 512;
    size_t max_group_bytes = 4 << 20;
    // Of commands that can wait: whoever comes next waits until the group is done.
    size_t max_waiting_in_group = 64;
    // How often a command is decided again before its caller hears ABORTED.
    int max_decisions = 16;
    absl::Duration first_resubmit = absl::Milliseconds(50);
    absl::Duration most_resubmit = absl::Seconds(2);
    // How long an answer waits for the replica to apply what was committed.
    absl::Duration apply_wait = absl::Seconds(2);
  };
  // Since the start, but for `pending`.
  struct Counts {
    uint64_t committed = 0;
    uint64_t guard_failures = 0;
    uint64_t refused = 0;  // by the store
    uint64_t unknown = 0;
    uint64_t pending = 0;
  };
  // Told of every finished group: how many transactions, and how long it took.
  using OnGroup = std::function<void(size_t, absl::Duration)>;
  // The revision at which what was asked for is true.
  using Done = absl::AnyInvocable<void(absl::StatusOr<Revision>)>;

  Committer(store::Store& store, const Facts& facts, replica::Replica& replica,
            base::Executor& core, const base::Clock& clock, base::Random& random, Options options);

  // Results in the command may be read in `done`. Commands whose deadline has passed, or whose
  // `cancelled` says so just before commit, are dropped. RESOURCE_EXHAUSTED at once when
  // kMaxQueuedCommands are pending.
  void Submit(std::shared_ptr<command::Command> command, base::Instant deadline, Done done,
              std::function<bool()> cancelled = nullptr);

  void set_on_group(OnGroup on_group) { on_group_ = std::move(on_group); }
  // Thread-safe.
  Counts counts() const {
    return {tally_.committed, tally_.guard_failures, tally_.refused, tally_.unknown,
            tally_.pending};
  }

 private:
  using Id = uint64_t;
  enum class Stage : uint8_t {
    kWaiting,    // for keys, for its turn, or for the records to decide on
    kSubmitted,  // its outcome is open
    kCommitted,  // the replica has yet to apply it
  };
  struct Pending {
    Stage stage = Stage::kWaiting;
    std::shared_ptr<command::Command> command;
    base::Instant deadline;
    Done done;
    std::function<bool()> cancelled;
    int decisions = 0;
    // The transaction as submitted, while its outcome is open.
    store::Transaction transaction;
    std::string write_id;
    bool may_have_been_written = false;
    // Set: `transaction` is the command's withdrawal, with this write id.
    std::string withdrawal_id = {};
    absl::Status last_unknown = {};
    absl::Duration resubmit_wait = {};
  };

  // On its way to the store.
  struct Group {
    std::vector<Id> ids;
    std::vector<store::Transaction>& transactions;
    size_t bytes = 0;
  };

  void TakeKeys(Id id);
  void HasKeys(Id id);
  void Pump();
  void PumpSoon();
  std::vector<Id> FormGroup(std::vector<store::Transaction>& group);
  // Into the group, until it has `most`: what is to be submitted again; what is decided now.
  void TakeAgain(Group& group, size_t most);
  void TakeReady(std::deque<Id>& ready, Group& group, size_t most);
  static void Add(Id id, const Pending& pending, Group& group);
  // True if the command has a transaction to submit now.
  bool Decide(Id id, Pending& pending);
  // Whether the keys that it has are enough for what it has decided.
  bool HasKeysFor(Id id, const Pending& pending, const command::Decision& decision) const;
  bool Dropped(Id id, Pending& pending);
  void OnOutcomes(const std::vector<Id>& ids, std::vector<store::Outcome> outcomes);
  void OnOutcome(Id id, store::Outcome outcome);
  void OnCommitted(std::vector<Id> ids, Revision revision);
  void FinishAll(const std::vector<Id>& ids, Revision revision);
  void OnGuardFailed(Id id, store::GuardFailed failed);
  void OnUnknown(Id id, const absl::Status& why);
  void Withdraw(Id id);
  void OnWithdrawn(Id id);
  void OnDeadline(Id id);
  void SettleByVersions(Id id, Revision seen);
  void DecideAgain(Id id, Revision seen);
  void Finish(Id id, absl::StatusOr<Revision> answer);
  void Answer(Pending& pending, absl::StatusOr<Revision> answer);

  store::Store& store_;
  const Facts& facts_;
  replica::Replica& replica_;
  base::Executor& core_;
  const base::Clock& clock_;
  base::Random& random_;
  const Options options_;
  OnGroup on_group_;
  struct Tally {
    std::atomic<uint64_t> committed{0};
    std::atomic<uint64_t> guard_failures{0};
    std::atomic<uint64_t> refused{0};
    std::atomic<uint64_t> unknown{0};
    std::atomic<uint64_t> pending{0};
  };
  Tally tally_;
  KeyLocks locks_;
  Deadlines deadlines_;
  Id next_id_ = 1;
  absl::flat_hash_map<Id, std::unique_ptr<Pending>> pending_;
  // Those that have their keys.
  std::deque<Id> ready_;
  std::deque<Id> can_wait_;
  std::deque<Id> resubmit_;  // identical transactions to submit again
  size_t in_flight_ = 0;
  bool pumping_ = false;
};

}  // namespace rollcall::committer
