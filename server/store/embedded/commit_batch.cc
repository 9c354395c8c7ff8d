#include "server/store/embedded/commit_batch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/check.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/change_batch.h"

namespace rollcall::store {
namespace {

std::optional<Refused> CheckKeys(const Transaction& transaction) {
  const auto bad = [](const std::string& key) {
    return key.empty() || key.find(layout::kKeyEnd) != std::string::npos;
  };
  for (const Put& put : transaction.puts) {
    if (bad(put.key)) {
      return Refused{absl::InvalidArgumentError("a key must not be empty or hold a zero byte")};
    }
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<CommitBatch::Decided> CommitBatch::Add(const std::vector<Transaction>& group) {
  Decided decided;
  decided.outcomes.reserve(group.size());
  Changes changes;
  // Every guard is decided before anything is written: all see the state before the group.
  for (const Transaction& transaction : group) {
    ASSIGN_OR_RETURN(Outcome outcome, Decide(transaction));
    if (std::holds_alternative<Committed>(outcome)) {
      RETURN_IF_ERROR(Collect(transaction, changes));
    }
    decided.outcomes.push_back(std::move(outcome));
  }
  if (!changes.empty()) decided.changes = Write(std::move(changes));
  for (Outcome& outcome : decided.outcomes) {
    if (auto* committed = std::get_if<Committed>(&outcome)) committed->revision = end_.revision;
  }
  return decided;
}

absl::StatusOr<CommitBatch::Standing> CommitBatch::Find(const std::string& key) const {
  if (const auto at = written_.find(key); at != written_.end()) return at->second;
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, disk_.Get(Table::kRecords, key));
  if (!bytes) return Standing();
  ASSIGN_OR_RETURN(layout::StandingRecord record, layout::DecodeRecord(*bytes));
  return Standing(std::move(record));
}

absl::StatusOr<Outcome> CommitBatch::Decide(const Transaction& transaction) const {
  if (std::optional<Refused> refused = CheckKeys(transaction)) return Outcome(*refused);
  for (const Guard& guard : transaction.guards) {
    ASSIGN_OR_RETURN(Standing standing, Find(guard.key));
    const Revision stands = standing ? standing->revision : Revision(0);
    if (stands == guard.revision) continue;
    GuardFailed failed{guard, std::nullopt};
    if (standing) failed.current = Record{guard.key, std::move(standing->value), stands};
    return Outcome(std::move(failed));
  }
  return Outcome(Committed{});
}

absl::Status CommitBatch::Collect(const Transaction& transaction, Changes& changes) const {
  for (const Put& put : transaction.puts) {
    ROLLCALL_CHECK(changes.emplace(put.key, put.value).second, "a group writes a key once");
  }
  for (const std::string& key : transaction.deletes) {
    ASSIGN_OR_RETURN(const Standing standing, Find(key));
    if (!standing) continue;  // deleting what is not there changes nothing
    ROLLCALL_CHECK(changes.emplace(key, std::nullopt).second, "a group writes a key once");
  }
  return absl::OkStatus();
}

ChangeSet CommitBatch::Write(Changes changes) {
  ChangeSet set{Revision(end_.revision.value() + 1), now_, {}};
  for (auto& [key, value] : changes) {
    written_[key] = std::nullopt;
    if (value) written_[key] = layout::StandingRecord{set.revision, *value};
    set.entries.push_back({key, std::move(value)});
  }
  AddChange(set, end_, batch_);
  return set;
}

}  // namespace rollcall::store
