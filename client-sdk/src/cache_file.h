// CacheFile: one file, replaced by writing a new one beside it, syncing it and renaming it over the
// old one.
//
// Its calls block as long as the disk does. Thread-compatible. Processes that share a file do not
// harm each other: the last one wins.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace rollcall::sdk {

class CacheFile {
 public:
  // The directory is made if it is missing. Client and namespace make the file's name.
  CacheFile(const std::string& directory, const std::string& client_name,
            const std::string& name_space);

  // NOT_FOUND if there is none yet.
  absl::StatusOr<std::string> Load() const;
  absl::Status Save(const std::string& blob) const;
  const std::string& path() const { return path_; }

 private:
  const std::string directory_;
  const std::string path_;
};

}  // namespace rollcall::sdk
