#include "server/store/embedded/space_guard.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::store {
namespace {

// A write takes its size in the log, and again when it is flushed.
constexpr uint64_t kCopiesOnDisk = 2;

std::string Mebibytes(uint64_t bytes) { return absl::StrCat(bytes >> 20, " MiB"); }

}  // namespace

absl::StatusOr<uint64_t> FreeBytesOfFileSystem(const std::string& path) {
  struct statvfs info = {};
  if (::statvfs(path.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot ask for the free space of ", path));
  }
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

SpaceGuard::SpaceGuard(std::string directory, Limits limits, FreeBytes free_bytes)
    : directory_(std::move(directory)),
      reserve_file_(absl::StrCat(directory_, "/reserve")),
      limits_(limits),
      free_bytes_(std::move(free_bytes)) {}

absl::Status SpaceGuard::Prepare() {
  has_reserve_ = ::access(reserve_file_.c_str(), F_OK) == 0;
  ASSIGN_OR_RETURN(const uint64_t free, free_bytes_(directory_));
  if (free < limits_.keep_free_bytes) {
    GiveUpReserve();
  } else if (!has_reserve_ && free - limits_.keep_free_bytes >= limits_.reserve_bytes) {
    MakeReserve();
  }
  return absl::OkStatus();
}

absl::Status SpaceGuard::Admit(uint64_t bytes, bool frees_space) {
  const uint64_t keep = frees_space ? limits_.keep_free_bytes / 2 : limits_.keep_free_bytes;
  ASSIGN_OR_RETURN(const uint64_t free, free_bytes_(directory_));
  // Others have eaten into what was kept free: flushes under way need it.
  if (free < limits_.keep_free_bytes / 2) GiveUpReserve();
  RETURN_IF_ERROR(CheckLeaves(keep, free, kCopiesOnDisk * bytes));
  // Twice its size, or making it would end the very space that allows it.
  if (!has_reserve_ && free - keep >= 2 * limits_.reserve_bytes) MakeReserve();
  return absl::OkStatus();
}

absl::Status SpaceGuard::CheckRoom() const {
  ASSIGN_OR_RETURN(const uint64_t free, free_bytes_(directory_));
  return CheckLeaves(limits_.keep_free_bytes, free, 0);
}

absl::Status SpaceGuard::CheckLeaves(uint64_t keep, uint64_t free, uint64_t bytes) const {
  if (free >= keep + bytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the disk of data directory \"", directory_, "\" is full: ", Mebibytes(free),
                   " are free, of which ", Mebibytes(keep),
                   " stay reserved; writes go on by themselves when there is room again"));
}

void SpaceGuard::GiveUpReserve() {
  if (!has_reserve_) return;
  has_reserve_ = false;
  ::unlink(reserve_file_.c_str());
}

// Best effort: without a reserve a full disk is still refused, only opening on one may fail.
void SpaceGuard::MakeReserve() {
  if (limits_.reserve_bytes == 0) return;
  const int fd = ::open(reserve_file_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  has_reserve_ = ::posix_fallocate(fd, 0, static_cast<off_t>(limits_.reserve_bytes)) == 0;
  ::close(fd);
  if (!has_reserve_) ::unlink(reserve_file_.c_str());
}

}  // namespace rollcall::store
