// How the embedded store lays revisions and records out in the tables of a RecordStore; in words in
// docs/storage_format.md. Whatever changes here changes kFormat.
//
// Pure. Decoders answer DATA_LOSS for bytes that no encoder made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/store/record_store.h"
#include "server/store/version_view.h"

namespace rollcall::store::layout {

// Of stores and replicas alike. Before, stores had 1 and replicas 2, and a version was written when
// it came, beside the record; they are read as they are.
inline constexpr uint32_t kFormat = 3;

// Keys in Table::kMeta.
inline constexpr char kFormatKey[] = "format";
inline constexpr char kStoreIdKey[] = "store_id";
inline constexpr char kFloorKey[] = "floor";
// Of a replica alone. Kind: "replica". Position: the revision of the other store that its records
// stand at, not there while it is empty. Loading: there while everything is being written anew.
inline constexpr char kKindKey[] = "kind";
inline constexpr char kReplicaKind[] = "replica";
inline constexpr char kPositionKey[] = "position";
inline constexpr char kLoadingKey[] = "loading";

// A record's key must not hold it: it ends the key in Table::kVersions.
inline constexpr char kKeyEnd = '\0';

std::string EncodeNumber(uint64_t number);
absl::StatusOr<uint64_t> DecodeNumber(absl::string_view bytes);

// Table::kRecords.
struct StandingRecord {
  Revision revision;
  std::string value;
};
std::string EncodeRecord(Revision revision, absl::string_view value);
absl::StatusOr<StandingRecord> DecodeRecord(absl::string_view bytes);

// Table::kVersions: those that stand no more.
std::string VersionKey(absl::string_view key, Revision revision);
std::string EncodeVersion(const std::optional<std::string>& value);
absl::StatusOr<Version> DecodeVersion(absl::string_view key, absl::string_view bytes);
// Of one record, before `before`; of one record.
ScanRange VersionsBefore(absl::string_view key, Revision before);
ScanRange VersionsOf(absl::string_view key);
// The records whose keys begin with `prefix`, or their versions.
ScanRange Under(absl::string_view prefix);

// Table::kRevisions.
struct RevisionEntry {
  absl::Time time;
  // What this and all earlier revisions of the store wrote as history, trimmed ones included: the
  // difference of two entries is the size of what lies between them.
  uint64_t total_bytes = 0;
  std::vector<std::string> keys;  // in order
};
std::string RevisionKey(Revision revision);
absl::StatusOr<Revision> DecodeRevisionKey(absl::string_view bytes);
std::string EncodeRevision(const RevisionEntry& entry);
absl::StatusOr<RevisionEntry> DecodeRevision(absl::string_view bytes);
ScanRange RevisionsAfter(Revision after);

// Table::kMeta, kFloorKey.
struct Floor {
  HistoryFloor at;
  uint64_t total_bytes = 0;
};
std::string EncodeFloor(const Floor& floor);
absl::StatusOr<Floor> DecodeFloor(absl::string_view bytes);

}  // namespace rollcall::store::layout
