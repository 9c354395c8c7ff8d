#include "server/store/embedded/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::store {
namespace {

namespace fs = std::filesystem;

// Also the mark of a directory that is ours.
constexpr char kLockFile[] = "rollcall.lock";

absl::Status Failed(absl::string_view what, absl::string_view path, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("data directory \"", path, "\": ", what));
}

// Makes names in `path` durable.
absl::Status SyncDirectory(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Failed("cannot open", path.string(), errno);
  const int result = ::fsync(fd);
  const int error = errno;
  ::close(fd);
  // Some file systems sync names by themselves and do not know the call.
  if (result == 0 || error == EINVAL) return absl::OkStatus();
  return Failed("cannot sync", path.string(), error);
}

absl::Status MakeWithParents(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return SyncDirectory(path.parent_path());
  if (errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
    RETURN_IF_ERROR(MakeWithParents(path.parent_path()));
    if (::mkdir(path.c_str(), 0700) == 0) return SyncDirectory(path.parent_path());
  }
  std::error_code ignored;
  if (errno == EEXIST && fs::is_directory(path, ignored)) return absl::OkStatus();
  return Failed("cannot make it", path.string(), errno == EEXIST ? ENOTDIR : errno);
}

absl::Status CheckOurs(const fs::path& path) {
  std::error_code error;
  const bool empty = fs::is_empty(path, error);
  if (error) return Failed("cannot list", path.string(), error.value());
  if (empty || fs::exists(path / kLockFile, error)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("data directory \"", path.string(),
                   "\" holds files that are not Rollcall's: name an empty or a new directory"));
}

absl::Status InUse(absl::string_view path, int lock) {
  char text[32];
  const ssize_t size = ::pread(lock, text, sizeof(text), 0);
  uint64_t pid = 0;
  const absl::string_view written(text, size > 0 ? static_cast<size_t>(size) : 0);
  const bool known = absl::SimpleAtoi(written, &pid);
  return absl::FailedPreconditionError(
      absl::StrCat("data directory \"", path, "\" is in use by ",
                   known ? absl::StrCat("process ", pid) : "another process",
                   ": stop it, or name another directory"));
}

absl::Status WritePid(const std::string& path, int lock) {
  const std::string pid = absl::StrCat(::getpid(), "\n");
  // Informs the next one who asks; a full disk must not keep a store from opening.
  if (::ftruncate(lock, 0) != 0 && errno != ENOSPC) return Failed("cannot lock", path, errno);
  if (::pwrite(lock, pid.data(), pid.size(), 0) < 0 && errno != ENOSPC) {
    return Failed("cannot lock", path, errno);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Hold(const std::string& path) {
  std::error_code error;
  const fs::path directory = fs::absolute(path, error).lexically_normal();
  if (path.empty() || error) return absl::InvalidArgumentError("the data directory has no name");
  // "a/b/" names "b".
  const fs::path named = directory.has_filename() ? directory : directory.parent_path();
  RETURN_IF_ERROR(MakeWithParents(named));
  RETURN_IF_ERROR(CheckOurs(named));
  const fs::path file = named / kLockFile;
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return Failed("cannot open its lock file", path, errno);
  std::unique_ptr<DataDirectory> held(new DataDirectory(named.string(), lock));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? InUse(path, lock) : Failed("cannot lock", path, errno);
  }
  RETURN_IF_ERROR(WritePid(path, lock));
  if (::chmod(named.c_str(), 0700) != 0) return Failed("cannot make it private", path, errno);
  RETURN_IF_ERROR(SyncDirectory(named));
  return held;
}

DataDirectory::~DataDirectory() { ::close(lock_); }

}  // namespace rollcall::store
