// CacheWriter: a CacheStore that writes its file on an executor for the disk, so that a disk that
// stands still holds up nobody else.
//
// Belongs to the core's executor, `home`, where its answers come. The disk's executor must outlive
// it; what it was asked for may outlive it.
#pragma once

#include <memory>
#include <string>

#include "client-sdk/base/executor.h"
#include "client-sdk/src/cache_file.h"
#include "client-sdk/src/view_cache.h"

namespace rollcall::sdk {

class CacheWriter final : public CacheStore {
 public:
  CacheWriter(CacheFile file, base::Executor& disk, std::shared_ptr<base::Executor> home);

  absl::StatusOr<std::string> Load() override;
  void Save(std::string blob, Done done) override;

 private:
  const std::shared_ptr<const CacheFile> file_;
  base::Executor& disk_;
  const std::shared_ptr<base::Executor> home_;
};

}  // namespace rollcall::sdk
