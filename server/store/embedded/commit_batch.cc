#include "server/store/embedded/commit_batch.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/check.h"
#include "client-sdk/base/status_macros.h"
#include "server/store/embedded/layout.h"

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
  if (!changes.empty()) {
    ASSIGN_OR_RETURN(decided.changes, Write(std::move(changes)));
  }
  for (Outcome& outcome : decided.outcomes) {
    if (auto* committed = std::get_if<Committed>(&outcome)) committed->revision = end().revision;
  }
  return decided;
}

absl::StatusOr<Outcome> CommitBatch::Decide(const Transaction& transaction) {
  if (std::optional<Refused> refused = CheckKeys(transaction)) return Outcome(*refused);
  for (const Guard& guard : transaction.guards) {
    ASSIGN_OR_RETURN(const ChangeBatch::Standing* const standing, changes_.Find(guard.key));
    const Revision stands = *standing ? (*standing)->revision : Revision(0);
    if (stands == guard.revision) continue;
    GuardFailed failed{guard, std::nullopt};
    if (*standing) failed.current = Record{guard.key, (*standing)->value, stands};
    return Outcome(std::move(failed));
  }
  return Outcome(Committed{});
}

absl::Status CommitBatch::Collect(const Transaction& transaction, Changes& changes) {
  for (const Put& put : transaction.puts) {
    ROLLCALL_CHECK(changes.emplace(put.key, put.value).second, "a group writes a key once");
  }
  for (const std::string& key : transaction.deletes) {
    ASSIGN_OR_RETURN(const ChangeBatch::Standing* const standing, changes_.Find(key));
    if (!*standing) continue;  // deleting what is not there changes nothing
    ROLLCALL_CHECK(changes.emplace(key, std::nullopt).second, "a group writes a key once");
  }
  return absl::OkStatus();
}

absl::StatusOr<ChangeSet> CommitBatch::Write(Changes changes) {
  ChangeSet set{Revision(end().revision.value() + 1), now_, {}};
  set.entries.reserve(changes.size());
  for (auto& [key, value] : changes) set.entries.push_back({key, std::move(value)});
  RETURN_IF_ERROR(changes_.Add(set));
  return set;
}

}  // namespace rollcall::store
