#include "cli/verbs/backup_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::cli {
namespace {

absl::Status Failed(absl::string_view what, const std::string& path) {
  const int error = errno;
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot ", what, " ", path, ": ", strerror(error), "; name a file that can be written"));
}

absl::Status IsThere(const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is there already; name another file, or replace it with --force"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BackupFile>> BackupFile::Create(const std::string& path,
                                                               bool replace) {
  struct stat there;
  if (::stat(path.c_str(), &there) == 0) {
    if (!S_ISREG(there.st_mode)) {
      return absl::InvalidArgumentError(absl::StrCat(path, " is no file; name a file to write"));
    }
    if (!replace) return IsThere(path);
  }
  const std::string part = path + ".part";
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return Failed("write", part);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    ::close(file);
    return absl::FailedPreconditionError(
        absl::StrCat(part, " is being written by another backup; let it end"));
  }
  // Owned from here on: whatever goes wrong, the part goes.
  std::unique_ptr<BackupFile> backup(new BackupFile(path, replace, file));
  if (::fchmod(file, 0600) != 0 || ::ftruncate(file, 0) != 0) return Failed("write", part);
  return backup;
}

BackupFile::~BackupFile() {
  if (!kept_) ::unlink(part().c_str());
  ::close(file_);
}

absl::Status BackupFile::Add(absl::string_view bytes) {
  const absl::Status status = reader_.Feed(bytes, [](const backup::Record&) {});
  if (!status.ok()) {
    return absl::DataLossError(absl::StrCat("what the registry sent ", status.message()));
  }
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write", part());
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status BackupFile::Keep() {
  if (const absl::Status status = reader_.Finish(); !status.ok()) {
    return absl::DataLossError(absl::StrCat("what the registry sent ", status.message()));
  }
  if (::fsync(file_) != 0) return Failed("sync", part());
  RETURN_IF_ERROR(Rename());
  kept_ = true;
  return SyncDirectory();
}

absl::Status BackupFile::Rename() const {
  const unsigned flags = replace_ ? 0 : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, part().c_str(), AT_FDCWD, path_.c_str(), flags) == 0) {
    return absl::OkStatus();
  }
  if (errno == EEXIST) return IsThere(path_);
  // A file system that cannot promise not to replace: it was not there when this began.
  if (errno != EINVAL || ::rename(part().c_str(), path_.c_str()) != 0) {
    return Failed("rename to", path_);
  }
  return absl::OkStatus();
}

absl::Status BackupFile::SyncDirectory() const {
  std::string directory = std::filesystem::path(path_).parent_path().string();
  if (directory.empty()) directory = ".";
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed("sync", directory);
  const int result = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  // Some file systems sync names by themselves and do not know the call.
  if (result == 0 || error == EINVAL) return absl::OkStatus();
  errno = error;
  return Failed("sync", directory);
}

}  // namespace rollcall::cli
