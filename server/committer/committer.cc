#include "server/committer/committer.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/mutant.h"
#include "server/committer/write_id.h"
#include "server/model/limits.h"

namespace rollcall::committer {
namespace {

store::Transaction ToTransaction(command::Change change) {
  store::Transaction transaction;
  transaction.guards.reserve(change.guards.size());
  for (auto& guard : change.guards) {
    transaction.guards.push_back({std::move(guard.key), guard.revision});
  }
  transaction.puts.reserve(change.puts.size());
  for (auto& put : change.puts) {
    transaction.puts.push_back({std::move(put.key), std::move(put.value)});
  }
  transaction.deletes = std::move(change.deletes);
  return transaction;
}

size_t BytesOf(const store::Transaction& transaction) {
  size_t bytes = 0;
  for (const store::Put& put : transaction.puts) bytes += put.key.size() + put.value.size();
  return bytes;
}

absl::Status TooLate() {
  return absl::DeadlineExceededError("the deadline came before the commit; nothing was done");
}

}  // namespace

Committer::Committer(store::Store& store, const Facts& facts, replica::Replica& replica,
                     base::Executor& core, const base::Clock& clock, base::Random& random,
                     Options options)
    : store_(store),
      facts_(facts),
      replica_(replica),
      core_(core),
      clock_(clock),
      random_(random),
      options_(options),
      locks_([this](Id id) { HasKeys(id); }),
      deadlines_(
          core, clock, [this](Id id) { return pending_.contains(id); },
          [this](Id id) { OnDeadline(id); }) {}

void Committer::Submit(std::shared_ptr<command::Command> command, base::Instant deadline, Done done,
                       std::function<bool()> cancelled) {
  if (pending_.size() >= kMaxQueuedCommands) {
    done(absl::ResourceExhaustedError(absl::StrCat("kMaxQueuedCommands: ", kMaxQueuedCommands,
                                                   " commands are waiting; try again later")));
    return;
  }
  const Id id = next_id_++;
  command->Begin(facts_);
  auto pending = std::make_unique<Pending>();
  pending->command = std::move(command);
  pending->deadline = deadline;
  pending->done = std::move(done);
  pending->cancelled = std::move(cancelled);
  pending->resubmit_wait = options_.first_resubmit;
  pending_.emplace(id, std::move(pending));
  deadlines_.Add(deadline, id);
  tally_.pending = pending_.size();
  TakeKeys(id);
  PumpSoon();
}

// One task later, so that commands that arrive together are committed together.
void Committer::PumpSoon() {
  if (pumping_) return;
  pumping_ = true;
  core_.Post([this] { Pump(); });
}

void Committer::TakeKeys(Id id) {
  if (locks_.Acquire(id, pending_.at(id)->command->Keys(facts_))) HasKeys(id);
}

void Committer::HasKeys(Id id) {
  (pending_.at(id)->command->can_wait() ? can_wait_ : ready_).push_back(id);
}

void Committer::Pump() {
  pumping_ = false;
  while (in_flight_ < options_.groups_in_flight) {
    std::vector<store::Transaction> group;
    std::vector<Id> ids = FormGroup(group);
    if (ids.empty()) return;
    ++in_flight_;
    const base::Instant begun = clock_.Steady();
    store_.Commit(std::move(group),
                  [this, ids = std::move(ids), begun](std::vector<store::Outcome> outcomes) {
                    --in_flight_;
                    const absl::Duration took = clock_.Steady() - begun;
                    if (on_group_) on_group_(ids.size(), took);
                    OnOutcomes(ids, std::move(outcomes));
                    Pump();
                  });
  }
}

std::vector<Committer::Id> Committer::FormGroup(std::vector<store::Transaction>& group) {
  const size_t most = std::min(options_.max_group, store_.max_group());
  // Those that can wait are never kept out for good.
  const size_t kept_free = std::min(can_wait_.size(), most / 8);
  Group formed{{}, group};
  TakeAgain(formed, most);
  TakeReady(ready_, formed, most - kept_free);
  TakeReady(can_wait_, formed, std::min(most, formed.ids.size() + options_.max_waiting_in_group));
  return std::move(formed.ids);
}

void Committer::TakeAgain(Group& group, size_t most) {
  while (group.ids.size() < most && group.bytes < options_.max_group_bytes && !resubmit_.empty()) {
    const Id id = resubmit_.front();
    resubmit_.pop_front();
    Add(id, *pending_.at(id), group);
  }
}

void Committer::TakeReady(std::deque<Id>& ready, Group& group, size_t most) {
  while (group.ids.size() < most && group.bytes < options_.max_group_bytes && !ready.empty()) {
    const Id id = ready.front();
    ready.pop_front();
    const auto pending = pending_.find(id);
    if (pending == pending_.end()) continue;  // Its deadline came first.
    if (Decide(id, *pending->second)) Add(id, *pending->second, group);
  }
}

void Committer::Add(Id id, const Pending& pending, Group& group) {
  group.ids.push_back(id);
  group.transactions.push_back(pending.transaction);
  group.bytes += BytesOf(pending.transaction);
}

bool Committer::Dropped(Id id, Pending& pending) {
  if (pending.cancelled && pending.cancelled()) {
    Finish(id, absl::CancelledError("the caller went away"));
    return true;
  }
  if (clock_.Steady() < pending.deadline) return false;
  Finish(id, TooLate());
  return true;
}

bool Committer::Decide(Id id, Pending& pending) {
  if (Dropped(id, pending)) return false;
  pending.write_id = random_.Hex128();
  command::Decision decision = pending.command->Decide(facts_, {clock_.Wall(), pending.write_id});
  // While it waited for its keys, others may have changed whom it concerns.
  if (!HasKeysFor(id, pending, decision)) {
    locks_.Release(id);
    TakeKeys(id);
    return false;
  }
  ++pending.decisions;
  if (auto* refusal = std::get_if<absl::Status>(&decision)) {
    Finish(id, std::move(*refusal));
    return false;
  }
  if (std::holds_alternative<command::Nothing>(decision)) {
    Finish(id, facts_.applied());
    return false;
  }
  pending.transaction = ToTransaction(std::get<command::Change>(std::move(decision)));
  pending.stage = Stage::kSubmitted;
  return true;
}

// A change names its keys itself: to ask the command once more took 3 % of a registration.
bool Committer::HasKeysFor(Id id, const Pending& pending, const command::Decision& decision) const {
  const auto* change = std::get_if<command::Change>(&decision);
  if (change == nullptr) return locks_.Covers(id, pending.command->Keys(facts_));
  return locks_.CoversChange(id, *change);
}

void Committer::OnOutcomes(const std::vector<Id>& ids, std::vector<store::Outcome> outcomes) {
  // Those that were committed together wait together to be applied: once, not each for itself.
  std::map<Revision, std::vector<Id>> committed;
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto* at = std::get_if<store::Committed>(&outcomes[i]);
    if (at != nullptr && pending_.at(ids[i])->withdrawal_id.empty()) {
      committed[at->revision].push_back(ids[i]);
    } else {
      OnOutcome(ids[i], std::move(outcomes[i]));
    }
  }
  for (auto& [revision, together] : committed) OnCommitted(std::move(together), revision);
}

void Committer::OnOutcome(Id id, store::Outcome outcome) {
  if (std::holds_alternative<store::Committed>(outcome)) {
    OnWithdrawn(id);
  } else if (auto* failed = std::get_if<store::GuardFailed>(&outcome)) {
    OnGuardFailed(id, std::move(*failed));
  } else if (const auto* refused = std::get_if<store::Refused>(&outcome)) {
    ++tally_.refused;
    // A refused copy says nothing of an earlier one whose outcome is open.
    if (pending_.at(id)->may_have_been_written) {
      OnUnknown(id, refused->why);
    } else {
      Finish(id, refused->why);
    }
  } else {
    OnUnknown(id, std::get<store::Unknown>(outcome).why);
  }
}

void Committer::OnCommitted(std::vector<Id> ids, Revision revision) {
  tally_.committed += ids.size();
  for (const Id id : ids) pending_.at(id)->stage = Stage::kCommitted;
  if (revision <= facts_.applied()) return FinishAll(ids, revision);
  // If the replica lags for long, the callers are answered anyway: it is committed. The keys stay
  // taken until it is applied, for the next decision needs it.
  replica_.WhenApplied(revision, clock_.Steady() + options_.apply_wait,
                       [this, ids = std::move(ids), revision](const absl::Status& status) {
                         if (status.ok()) {
                           FinishAll(ids, revision);
                           Pump();
                           return;
                         }
                         for (const Id id : ids) Answer(*pending_.at(id), revision);
                         replica_.WhenApplied(revision, base::Instant::InfiniteFuture(),
                                              [this, ids, revision](const absl::Status&) {
                                                FinishAll(ids, revision);
                                                Pump();
                                              });
                       });
}

void Committer::FinishAll(const std::vector<Id>& ids, Revision revision) {
  for (const Id id : ids) Finish(id, revision);
}

void Committer::OnGuardFailed(Id id, store::GuardFailed failed) {
  ++tally_.guard_failures;
  Pending& pending = *pending_.at(id);
  const Revision seen = failed.current ? failed.current->revision : Revision(0);
  if (!pending.may_have_been_written || MUTANT(no_read_back)) {
    DecideAgain(id, seen);
    return;
  }
  // An earlier copy of this transaction may be what moved the guard.
  if (failed.current && CarriesWriteId(failed.guard.key, failed.current->value, pending.write_id)) {
    OnCommitted({id}, seen);
  } else if (failed.current && !pending.withdrawal_id.empty() &&
             CarriesWriteId(failed.guard.key, failed.current->value, pending.withdrawal_id)) {
    OnWithdrawn(id);
  } else if (pending.transaction.puts.empty()) {
    DecideAgain(id, seen);  // It only deletes: what is gone is found to be gone.
  } else {
    SettleByVersions(id, seen);
  }
}

// Looks for our write among the versions of a record that the transaction writes: the guard that
// failed may be of one that it only reads, which somebody changed after us.
void Committer::SettleByVersions(Id id, Revision seen) {
  const store::Transaction& transaction = pending_.at(id)->transaction;
  const std::string key = transaction.puts.front().key;
  const auto guard = std::find_if(transaction.guards.begin(), transaction.guards.end(),
                                  [&](const store::Guard& g) { return g.key == key; });
  const Revision after = guard == transaction.guards.end() ? Revision(0) : guard->revision;
  store_.Versions(
      key, after, [this, id, key, seen](absl::StatusOr<std::vector<store::Record>> versions) {
        if (absl::IsOutOfRange(versions.status())) {
          // What would tell is no longer kept: nobody will ever know.
          Finish(id, absl::UnavailableError(
                         absl::StrCat("outcome unknown: ", versions.status().message())));
          Pump();
          return;
        }
        if (!versions.ok()) {
          OnUnknown(id, versions.status());
          return;
        }
        Revision newest = seen;
        for (const store::Record& version : *versions) {
          newest = std::max(newest, version.revision);
          if (CarriesWriteId(key, version.value, pending_.at(id)->write_id)) {
            OnCommitted({id}, version.revision);
            Pump();
            return;
          }
        }
        DecideAgain(id, newest);
        Pump();
      });
}

void Committer::DecideAgain(Id id, Revision seen) {
  Pending& pending = *pending_.at(id);
  if (!pending.withdrawal_id.empty()) return OnWithdrawn(id);
  pending.stage = Stage::kWaiting;
  pending.may_have_been_written = false;
  pending.resubmit_wait = options_.first_resubmit;
  if (pending.decisions >= options_.max_decisions) {
    Finish(id, absl::AbortedError(absl::StrCat("lost the race for the same record ",
                                               pending.decisions, " times; try again")));
    return;
  }
  replica_.WhenApplied(seen, clock_.Steady() + options_.apply_wait,
                       [this, id](const absl::Status& status) {
                         if (!pending_.contains(id)) return;  // Its deadline came first.
                         if (status.ok()) {
                           locks_.Release(id);
                           TakeKeys(id);
                         } else {
                           Finish(id, status);
                         }
                         Pump();
                       });
}

void Committer::OnUnknown(Id id, const absl::Status& why) {
  ++tally_.unknown;
  Pending& pending = *pending_.at(id);
  pending.may_have_been_written = true;
  pending.last_unknown = why;
  if (MUTANT(unknown_taken_for_done)) return Finish(id, facts_.applied());
  core_.PostAt(clock_.Steady() + pending.resubmit_wait, [this, id] {
    Withdraw(id);
    resubmit_.push_back(id);
    PumpSoon();
  });
  pending.resubmit_wait = std::min(pending.resubmit_wait * 2, options_.most_resubmit);
}

// Puts the command's withdrawal in place of its transaction, if it has one. Where the record is
// known to have moved on, the transaction itself finds what became of it, for it can no longer
// hold.
void Committer::Withdraw(Id id) {
  Pending& pending = *pending_.at(id);
  if (!pending.withdrawal_id.empty()) return;
  const std::string write_id = random_.Hex128();
  const auto change = pending.command->Withdrawal(facts_, {clock_.Wall(), write_id});
  if (!change) return;
  const command::Change::Guard& stands = change->guards.front();
  const auto& guards = pending.transaction.guards;
  const bool untouched = std::any_of(guards.begin(), guards.end(), [&](const store::Guard& guard) {
    return guard.key == stands.key && guard.revision == stands.revision;
  });
  if (!untouched) return;
  pending.transaction = ToTransaction(*change);
  pending.withdrawal_id = write_id;
}

void Committer::OnWithdrawn(Id id) {
  Finish(id, absl::UnavailableError("withdrawn: the store did not answer in time"));
}

void Committer::OnDeadline(Id id) {
  Pending& pending = *pending_.at(id);
  switch (pending.stage) {
    case Stage::kWaiting:
      Finish(id, TooLate());
      Pump();
      return;
    case Stage::kSubmitted: {
      const std::string why = pending.last_unknown.ok()
                                  ? "the store has not answered yet"
                                  : std::string(pending.last_unknown.message());
      Answer(pending, absl::UnavailableError(absl::StrCat("outcome unknown: ", why)));
      return;
    }
    case Stage::kCommitted:
      return;  // Answered soon: see OnCommitted.
  }
}

void Committer::Answer(Pending& pending, absl::StatusOr<Revision> answer) {
  if (!pending.done) return;
  Done done = std::move(pending.done);
  pending.done = nullptr;
  pending.cancelled = nullptr;  // It looks at the call, which is over.
  done(std::move(answer));
}

void Committer::Finish(Id id, absl::StatusOr<Revision> answer) {
  const auto at = pending_.find(id);
  const std::unique_ptr<Pending> pending = std::move(at->second);
  pending_.erase(at);
  tally_.pending = pending_.size();
  if (!pending->may_have_been_written || !MUTANT(keys_kept_after_doubt)) locks_.Release(id);
  Answer(*pending, std::move(answer));
}

}  // namespace rollcall::committer
