#include "server/store/embedded/record_scan.h"

#include <string>
#include <utility>

#include "client-sdk/base/status_macros.h"
#include "server/model/keys.h"
#include "server/store/embedded/layout.h"

namespace rollcall::store {
namespace {

absl::Status ScanPart(const RecordReader& reader, ScanRange range,
                      absl::FunctionRef<void(Record)> sink) {
  range.once = true;
  absl::Status status;
  RETURN_IF_ERROR(
      reader.Scan(Table::kRecords, range, [&](absl::string_view key, absl::string_view bytes) {
        absl::StatusOr<layout::StandingRecord> record = layout::DecodeRecord(bytes);
        status = record.status();
        if (status.ok()) sink({std::string(key), std::move(record->value), record->revision});
        return status.ok();
      }));
  return status;
}

}  // namespace

absl::Status ScanInstancesLast(const RecordReader& reader, absl::FunctionRef<void(Record)> sink) {
  RETURN_IF_ERROR(ScanPart(reader, {"", kInstancePrefix}, sink));
  RETURN_IF_ERROR(ScanPart(reader, {kBehindInstances, ""}, sink));
  return ScanPart(reader, {kInstancePrefix, kBehindInstances}, sink);
}

absl::Status ScanInOrder(const RecordReader& reader, absl::FunctionRef<void(Record)> sink) {
  return ScanPart(reader, {}, sink);
}

}  // namespace rollcall::store
