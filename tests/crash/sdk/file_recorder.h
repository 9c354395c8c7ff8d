// FileRecorder: writes down what this program changes in the files below one directory: what it
// opens, writes, syncs, renames and unlinks, in order.
//
// While one exists, this program's own open(), write(), fsync(), rename(), unlink() and close()
// stand before those of the C library. Belongs to one thread; one at a time.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/crash/disk.h"

namespace rollcall::crash {

class FileRecorder {
 public:
  explicit FileRecorder(std::string directory);
  ~FileRecorder();
  FileRecorder(const FileRecorder&) = delete;
  FileRecorder& operator=(const FileRecorder&) = delete;

  const std::vector<Operation>& journal() const { return journal_; }

  // What the calls were; only successful ones.
  void Opened(int fd, const std::string& path, bool created);
  void Written(int fd, const std::string& bytes);
  void Synced(int fd);
  void Renamed(const std::string& from, const std::string& to);
  void Unlinked(const std::string& path);
  void Closed(int fd);

 private:
  bool IsOurs(const std::string& path) const;

  const std::string directory_;
  std::vector<Operation> journal_;
  size_t next_file_ = 0;
  std::map<int, size_t> files_;             // open for writing
  std::map<int, std::string> directories_;  // open
};

}  // namespace rollcall::crash
