// Chunks: a reading as the bytes of a backup file, made a piece at a time as they are asked for.
//
// Holds about one piece. Thread-compatible.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/backup/file_writer.h"
#include "server/backup/source.h"

namespace rollcall::backup {

class Chunks {
 public:
  Chunks(std::unique_ptr<Reading> reading, size_t chunk_bytes);

  // The next piece; empty: the file is complete. Blocks.
  absl::StatusOr<std::string> Next();

 private:
  const std::unique_ptr<Reading> reading_;
  const size_t chunk_bytes_;
  FileWriter writer_;
  bool ended_ = false;
};

}  // namespace rollcall::backup
