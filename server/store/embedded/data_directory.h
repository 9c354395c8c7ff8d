// DataDirectory: a directory that one process holds for itself, readable by its user alone.
//
// Made if it is absent. A directory that holds anything else is refused, so nothing foreign is
// written to or has its permissions changed. Held until destroyed; a process that dies lets go.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace rollcall::store {

class DataDirectory {
 public:
  // FAILED_PRECONDITION, naming directory and holder, if it is held already.
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Hold(const std::string& path);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  const std::string path_;
  const int lock_;  // an open file, locked
};

}  // namespace rollcall::store
