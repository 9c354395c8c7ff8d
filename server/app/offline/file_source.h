// FileSource: a backup file, read as a source.
//
// Open reads the file through and checks it before anything is handed out; the reading checks it
// again, so a file that changes meanwhile is found out at its end. Errors name the file and say
// what is wrong with it. Blocks; thread-compatible.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "server/backup/source.h"

namespace rollcall::app {

class FileSource final : public backup::Source {
 public:
  explicit FileSource(std::string path) : path_(std::move(path)) {}
  absl::StatusOr<std::unique_ptr<backup::Reading>> Open() const override;

 private:
  const std::string path_;
};

}  // namespace rollcall::app
