#include "tests/unit/store_embedded/small_disk.h"

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client-sdk/base/check.h"

namespace rollcall::store {
namespace {

namespace fs = std::filesystem;

// Before any constructor runs, somebody may write already.
constinit std::atomic<SmallDisk*> the_disk = nullptr;

int64_t Guarded(int fd, uint64_t count, absl::FunctionRef<int64_t()> write) {
  SmallDisk* const disk = the_disk.load();
  return disk == nullptr ? write() : disk->WriteIfItFits(fd, count, write);
}

ssize_t GuardedPwrite(int fd, const void* bytes, size_t count, off_t offset) {
  return Guarded(fd, count, [&] { return ::syscall(SYS_pwrite64, fd, bytes, count, offset); });
}

}  // namespace

SmallDisk::SmallDisk(const fs::path& directory, uint64_t capacity)
    : directory_(fs::canonical(directory)), filler_(directory_ / "filler"), capacity_(capacity) {
  ROLLCALL_CHECK(the_disk.exchange(this) == nullptr, "there is one small disk at a time");
}

SmallDisk::~SmallDisk() { the_disk = nullptr; }

uint64_t SmallDisk::free_bytes() const {
  uint64_t taken = 0;
  std::error_code gone;  // the database deletes files meanwhile
  for (const auto& entry : fs::recursive_directory_iterator(directory_, gone)) {
    if (!entry.is_regular_file(gone)) continue;
    const uint64_t size = entry.file_size(gone);
    if (!gone) taken += size;
  }
  return capacity_ - std::min(taken, capacity_);
}

int SmallDisk::refused() const {
  base::MutexLock lock(mu_);
  return refused_;
}

void SmallDisk::FillUp() {
  base::MutexLock lock(mu_);
  const uint64_t free = free_bytes();
  std::ofstream(filler_).flush();
  fs::resize_file(filler_, free);
}

void SmallDisk::Clear() { fs::remove(filler_); }

int64_t SmallDisk::WriteIfItFits(int fd, uint64_t count, absl::FunctionRef<int64_t()> write) {
  if (!Holds(fd)) return write();
  base::MutexLock lock(mu_);
  if (count <= free_bytes()) return write();
  ++refused_;
  errno = ENOSPC;
  return -1;
}

bool SmallDisk::Holds(int fd) const {
  std::error_code none;
  const fs::path file = fs::read_symlink(absl::StrCat("/proc/self/fd/", fd), none);
  return absl::StartsWith(file.native(), absl::StrCat(directory_.native(), "/"));
}

}  // namespace rollcall::store

// The dynamic linker takes these for all libraries of this program.
extern "C" {

ssize_t write(int fd, const void* bytes, size_t count) {
  return rollcall::store::Guarded(fd, count,
                                  [&] { return ::syscall(SYS_write, fd, bytes, count); });
}

ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  return rollcall::store::GuardedPwrite(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t count, off64_t offset) {
  return rollcall::store::GuardedPwrite(fd, bytes, count, offset);
}

int posix_fallocate(int fd, off_t offset, off_t count) {
  const int64_t result = rollcall::store::Guarded(fd, static_cast<uint64_t>(count), [&] {
    return ::syscall(SYS_fallocate, fd, 0, offset, count);
  });
  return result == 0 ? 0 : errno;
}

}  // extern "C"
