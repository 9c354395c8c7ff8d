#include "client-sdk/src/cache_writer.h"

#include <utility>

namespace rollcall::sdk {

CacheWriter::CacheWriter(CacheFile file, base::Executor& disk, std::shared_ptr<base::Executor> home)
    : file_(std::make_shared<const CacheFile>(std::move(file))),
      disk_(disk),
      home_(std::move(home)) {}

absl::StatusOr<std::string> CacheWriter::Load() { return file_->Load(); }

void CacheWriter::Save(std::string blob, Done done) {
  disk_.Post(
      [file = file_, home = home_, blob = std::move(blob), done = std::move(done)]() mutable {
        home->Post([status = file->Save(blob), done = std::move(done)]() mutable { done(status); });
      });
}

}  // namespace rollcall::sdk
