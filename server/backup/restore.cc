#include "server/backup/restore.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/backup/contents.h"
#include "server/backup/transplant.h"

namespace rollcall::backup {
namespace {

// Read, and put, at a time.
constexpr size_t kStepBytes = 1 << 20;

absl::Status Put(Target& target, const std::vector<Record>& records, Contents& contents) {
  for (const Record& record : records) contents.Add(record.key, record.value);
  return records.empty() ? absl::OkStatus() : target.Put(records);
}

absl::StatusOr<Contents> PutAll(Reading& reading, Target& target, absl::Time now,
                                const Progress& progress) {
  Transplant transplant(reading.header());
  Contents contents;
  while (true) {
    ASSIGN_OR_RETURN(std::vector<Record> records, reading.Next(kStepBytes));
    if (records.empty()) break;
    std::vector<Record> changed;
    changed.reserve(records.size());
    for (Record& record : records) {
      std::optional<std::string> value = transplant.Take(record);
      if (value) changed.push_back({std::move(record.key), *std::move(value), record.revision});
    }
    RETURN_IF_ERROR(Put(target, changed, contents));
    progress(contents.records());
  }
  RETURN_IF_ERROR(Put(target, {transplant.Last(now)}, contents));
  return contents;
}

}  // namespace

absl::StatusOr<Restored> Restore(const Source& source, Target& target, absl::Time now,
                                 const Progress& progress) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Reading> reading, source.Open());
  RETURN_IF_ERROR(target.Begin());
  ASSIGN_OR_RETURN(const Contents put, PutAll(*reading, target, now, progress));
  ASSIGN_OR_RETURN(const Contents found, target.ReadBack());
  if (found != put) {
    return absl::DataLossError(
        absl::StrCat("what was written is not what is read back: ", put.records(),
                     " records were put and ", found.records(), " are there, or differ"));
  }
  Restored restored{reading->header(), StoreId(), put.records()};
  ASSIGN_OR_RETURN(restored.store, target.Finish());
  return restored;
}

}  // namespace rollcall::backup
