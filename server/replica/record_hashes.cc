#include "server/replica/record_hashes.h"

#include "absl/hash/hash.h"

namespace rollcall::replica {

void RecordHashes::Put(absl::string_view key, Revision revision, absl::string_view value) {
  uint64_t& hash = by_key_[absl::HashOf(key)];
  sum_ -= hash;
  hash = store::RecordHash(key, revision, value);
  sum_ += hash;
}

void RecordHashes::Erase(absl::string_view key) {
  const auto at = by_key_.find(absl::HashOf(key));
  if (at == by_key_.end()) return;
  sum_ -= at->second;
  by_key_.erase(at);
}

bool RecordHashes::Holds(absl::string_view key, Revision revision, absl::string_view value) const {
  const auto at = by_key_.find(absl::HashOf(key));
  return at != by_key_.end() && at->second == store::RecordHash(key, revision, value);
}

}  // namespace rollcall::replica
