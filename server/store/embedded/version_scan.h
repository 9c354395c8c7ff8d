// The versions of records as the tables hold them: that of a record that stands is the record
// itself, those before it are in a table of their own.
//
// Free functions over a RecordReader that does not change meanwhile; they block.
#pragma once

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/record_store.h"
#include "server/store/version_view.h"

namespace rollcall::store {

using VersionSink = absl::FunctionRef<void(Version)>;

// Of one record, oldest first.
absl::Status ScanVersionsOf(const RecordReader& disk, absl::string_view key, VersionSink sink);
// Of the records whose keys begin with `prefix`, by key, then oldest first.
absl::Status ScanVersionsUnder(const RecordReader& disk, absl::string_view prefix,
                               VersionSink sink);
// What `revision` wrote at `key`; DATA_LOSS if it is not there.
absl::StatusOr<Version> ReadVersion(const RecordReader& disk, const std::string& key,
                                    Revision revision);

}  // namespace rollcall::store
