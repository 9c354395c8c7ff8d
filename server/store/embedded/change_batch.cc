#include "server/store/embedded/change_batch.h"

#include "server/store/embedded/layout.h"

namespace rollcall::store {

void AddChange(const ChangeSet& set, CommitPoint& end, Batch& batch) {
  const size_t before = batch.bytes();
  end.revision = set.revision;
  layout::RevisionEntry entry{set.time, 0, {}};
  for (const auto& [key, value] : set.entries) {
    entry.keys.push_back(key);
    batch.Put(Table::kVersions, layout::VersionKey(key, set.revision),
              layout::EncodeVersion(value));
  }
  // Counts history alone: what the versions take, and the entry with its key (8 bytes).
  end.total_bytes += batch.bytes() - before + layout::EncodeRevision(entry).size() + 8;
  entry.total_bytes = end.total_bytes;
  batch.Put(Table::kRevisions, layout::RevisionKey(set.revision), layout::EncodeRevision(entry));
  for (const auto& [key, value] : set.entries) {
    if (value) {
      batch.Put(Table::kRecords, key, layout::EncodeRecord(set.revision, *value));
    } else {
      batch.Delete(Table::kRecords, key);
    }
  }
}

}  // namespace rollcall::store
