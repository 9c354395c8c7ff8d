#include "tests/crash/sdk/file_recorder.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdarg>
#include <utility>

#include "client-sdk/base/check.h"

namespace rollcall::crash {
namespace {

using Kind = Operation::Kind;

FileRecorder* the_recorder = nullptr;

int OpenAndTell(const char* path, int flags, mode_t mode) {
  const auto fd = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  if (fd >= 0 && the_recorder != nullptr) the_recorder->Opened(fd, path, (flags & O_CREAT) != 0);
  return fd;
}

}  // namespace

FileRecorder::FileRecorder(std::string directory) : directory_(std::move(directory)) {
  ROLLCALL_CHECK(the_recorder == nullptr, "there is one recorder at a time");
  the_recorder = this;
}
FileRecorder::~FileRecorder() { the_recorder = nullptr; }

bool FileRecorder::IsOurs(const std::string& path) const { return path.rfind(directory_, 0) == 0; }

void FileRecorder::Opened(int fd, const std::string& path, bool created) {
  if (!IsOurs(path)) return;
  if (!created) {
    directories_[fd] = path;
    return;
  }
  files_[fd] = next_file_;
  journal_.push_back({Kind::kCreate, path, "", next_file_++, "", 0});
}

void FileRecorder::Written(int fd, const std::string& bytes) {
  if (files_.count(fd) != 0) journal_.push_back({Kind::kAppend, "", "", files_[fd], bytes, 0});
}

void FileRecorder::Synced(int fd) {
  if (files_.count(fd) != 0) journal_.push_back({Kind::kSync, "", "", files_[fd], "", 0});
  if (directories_.count(fd) != 0) {
    journal_.push_back({Kind::kSyncNames, directories_[fd], "", 0, "", 0});
  }
}

void FileRecorder::Renamed(const std::string& from, const std::string& to) {
  if (IsOurs(from)) journal_.push_back({Kind::kRename, from, to, 0, "", 0});
}

void FileRecorder::Unlinked(const std::string& path) {
  if (IsOurs(path)) journal_.push_back({Kind::kDelete, path, "", 0, "", 0});
}

void FileRecorder::Closed(int fd) {
  files_.erase(fd);
  directories_.erase(fd);
}

}  // namespace rollcall::crash

// The linker takes these for all of this program.
extern "C" {

using rollcall::crash::the_recorder;

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  return rollcall::crash::OpenAndTell(path, flags, mode);
}

ssize_t write(int fd, const void* bytes, size_t count) {
  const ssize_t written = ::syscall(SYS_write, fd, bytes, count);
  if (written > 0 && the_recorder != nullptr) {
    the_recorder->Written(fd, {static_cast<const char*>(bytes), static_cast<size_t>(written)});
  }
  return written;
}

int fsync(int fd) {
  const auto result = static_cast<int>(::syscall(SYS_fsync, fd));
  if (result == 0 && the_recorder != nullptr) the_recorder->Synced(fd);
  return result;
}

int rename(const char* from, const char* to) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_rename, from, to));
  if (result == 0 && the_recorder != nullptr) the_recorder->Renamed(from, to);
  return result;
}

int unlink(const char* path) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_unlink, path));
  if (result == 0 && the_recorder != nullptr) the_recorder->Unlinked(path);
  return result;
}

int close(int fd) {
  if (the_recorder != nullptr) the_recorder->Closed(fd);
  return static_cast<int>(::syscall(SYS_close, fd));
}

}  // extern "C"
