// SmallDisk: makes one directory a disk of so many bytes, on which writes fail with ENOSPC once it
// is full.
//
// Needs no mount and so no rights: while one exists, this program's own write(), pwrite() and
// posix_fallocate() stand before those of the C library, for every library that is linked to it,
// and refuse what would not fit. A file takes its size, however little of it is on the real disk.
//
// Thread-safe; one at a time, and longer than all that writes to its directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/functional/function_ref.h"
#include "client-sdk/base/mutex.h"

namespace rollcall::store {

class SmallDisk {
 public:
  SmallDisk(const std::filesystem::path& directory, uint64_t capacity);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  uint64_t free_bytes() const;
  // Writes that failed for want of space.
  int refused() const;
  // A file of somebody else takes all that is free, and goes again.
  void FillUp();
  void Clear();

  // `write` if `count` more bytes fit or the file is elsewhere, else -1 and errno ENOSPC.
  int64_t WriteIfItFits(int fd, uint64_t count, absl::FunctionRef<int64_t()> write);

 private:
  bool Holds(int fd) const;

  const std::filesystem::path directory_;
  const std::filesystem::path filler_;
  const uint64_t capacity_;
  mutable base::Mutex mu_;
  int refused_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace rollcall::store
