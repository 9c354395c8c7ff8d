#include "server/store/embedded/change_batch.h"

#include <utility>

#include "client-sdk/base/status_macros.h"

namespace rollcall::store {

absl::StatusOr<const ChangeBatch::Standing*> ChangeBatch::Find(const std::string& key) {
  if (const auto at = standing_.find(key); at != standing_.end()) return &at->second;
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, disk_.Get(Table::kRecords, key));
  Standing standing;
  if (bytes) {
    ASSIGN_OR_RETURN(standing, layout::DecodeRecord(*bytes));
  }
  return &standing_.emplace(key, std::move(standing)).first->second;
}

absl::Status ChangeBatch::Add(const ChangeSet& set) {
  if (std::exchange(end_.format, layout::kFormat) != layout::kFormat) {
    batch_.Put(Table::kMeta, layout::kFormatKey, layout::EncodeNumber(layout::kFormat));
  }
  const size_t before = batch_.bytes();
  layout::RevisionEntry entry{set.time, 0, {}};
  for (const auto& [key, value] : set.entries) {
    ASSIGN_OR_RETURN(const Standing* const old, Find(key));
    if (*old) {
      batch_.Put(Table::kVersions, layout::VersionKey(key, (*old)->revision),
                 layout::EncodeVersion((*old)->value));
    }
    if (!value) {
      batch_.Put(Table::kVersions, layout::VersionKey(key, set.revision),
                 layout::EncodeVersion(std::nullopt));
    }
    entry.keys.push_back(key);
  }
  end_.revision = set.revision;
  // Counts history alone: what the versions take, and the entry with its key (8 bytes).
  end_.total_bytes += batch_.bytes() - before + layout::EncodeRevision(entry).size() + 8;
  entry.total_bytes = end_.total_bytes;
  batch_.Put(Table::kRevisions, layout::RevisionKey(set.revision), layout::EncodeRevision(entry));
  for (const auto& [key, value] : set.entries) {
    Standing& standing = standing_[key];
    if (value) {
      batch_.Put(Table::kRecords, key, layout::EncodeRecord(set.revision, *value));
      standing = layout::StandingRecord{set.revision, *value};
    } else {
      batch_.Delete(Table::kRecords, key);
      standing.reset();
    }
  }
  return absl::OkStatus();
}

}  // namespace rollcall::store
