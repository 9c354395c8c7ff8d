// CacheFile: a CacheStore in one file, replaced by writing a new one beside it, syncing it and
// renaming it over the old one.
//
// Thread-compatible. Processes that share a file do not harm each other: the last one wins.
#pragma once

#include <string>

#include "client-sdk/src/view_cache.h"

namespace rollcall::sdk {

class CacheFile final : public CacheStore {
 public:
  // The directory is made if it is missing. Client and namespace make the file's name.
  CacheFile(const std::string& directory, const std::string& client_name,
            const std::string& name_space);

  absl::StatusOr<std::string> Load() override;
  absl::Status Save(const std::string& blob) override;
  const std::string& path() const { return path_; }

 private:
  const std::string directory_;
  const std::string path_;
};

}  // namespace rollcall::sdk
