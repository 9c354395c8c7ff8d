#include "server/backup/chunks.h"

#include <utility>
#include <vector>

#include "client-sdk/base/status_macros.h"

namespace rollcall::backup {

Chunks::Chunks(std::unique_ptr<Reading> reading, size_t chunk_bytes)
    : reading_(std::move(reading)), chunk_bytes_(chunk_bytes), writer_(reading_->header()) {}

absl::StatusOr<std::string> Chunks::Next() {
  while (!ended_ && writer_.pending() < chunk_bytes_) {
    ASSIGN_OR_RETURN(const std::vector<Record> records,
                     reading_->Next(chunk_bytes_ - writer_.pending()));
    for (const Record& record : records) writer_.Add(record);
    if (!records.empty()) continue;
    writer_.End();
    ended_ = true;
  }
  return writer_.Take();
}

}  // namespace rollcall::backup
