// FileWriter: the bytes of a backup file, made as its records come.
//
// Holds no more than what was made since the last Take. Thread-compatible; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "server/backup/format.h"
#include "server/backup/record.h"
#include "server/backup/sha256.h"

namespace rollcall::backup {

class FileWriter {
 public:
  explicit FileWriter(const Header& header);

  // In key order, each key once.
  void Add(const Record& record);
  // After the last record, once: without it the file is not complete.
  void End();

  // What was made since the last call.
  std::string Take();
  size_t pending() const { return out_.size(); }

 private:
  void Append(absl::string_view bytes);
  void AppendFrame(format::Kind kind, absl::string_view payload);

  std::string out_;
  Sha256 digest_;
  uint64_t records_ = 0;
};

}  // namespace rollcall::backup
