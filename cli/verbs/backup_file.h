// BackupFile: a backup on its way into a file: written beside it, checked as it comes, and put in
// its place when it is complete and on the disk.
//
// While it lasts it is FILE.part, locked, and only its owner may read it: it holds the hashes of
// secrets. Destroyed before Keep, it leaves nothing. Blocks; thread-compatible.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/backup/file_reader.h"

namespace rollcall::cli {

class BackupFile {
 public:
  // FAILED_PRECONDITION if there is a file and `replace` is false, or one is being written.
  static absl::StatusOr<std::unique_ptr<BackupFile>> Create(const std::string& path, bool replace);
  ~BackupFile();

  // The next bytes. An error if they are those of no backup, or cannot be written.
  absl::Status Add(absl::string_view bytes);
  // There are no more. Checks that it is complete, and keeps it.
  absl::Status Keep();

  // What was written so far.
  const backup::FileReader& read() const { return reader_; }

 private:
  BackupFile(std::string path, bool replace, int file)
      : path_(std::move(path)), replace_(replace), file_(file) {}
  absl::Status Rename() const;
  absl::Status SyncDirectory() const;
  std::string part() const { return path_ + ".part"; }

  const std::string path_;
  const bool replace_;
  int file_;
  bool kept_ = false;
  backup::FileReader reader_;
};

}  // namespace rollcall::cli
