// SpaceGuard: keeps the database from ever meeting a full disk.
//
// A database that runs out of space in its log or in a flush can only be stopped. So a write is
// admitted only while `keep_free_bytes` would stay free: room for what the database does behind its
// back (flushes, compactions) and for what others write meanwhile. A reserve file holds some more
// back: it is given up when space runs out all the same, and before opening, so that a store on a
// full disk still opens and answers reads.
//
// Thread-compatible: used by the writer, but for CheckRoom(), which any thread may call.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rollcall::store {

// The bytes that this process may still write to the file system of `path`.
using FreeBytes = std::function<absl::StatusOr<uint64_t>(const std::string& path)>;
absl::StatusOr<uint64_t> FreeBytesOfFileSystem(const std::string& path);

class SpaceGuard {
 public:
  struct Limits {
    uint64_t keep_free_bytes = 0;
    uint64_t reserve_bytes = 0;
  };
  SpaceGuard(std::string directory, Limits limits, FreeBytes free_bytes);

  // Before opening the database.
  absl::Status Prepare();
  // OK, or RESOURCE_EXHAUSTED naming the directory. A write that frees space is let further down.
  absl::Status Admit(uint64_t bytes, bool frees_space);

  // RESOURCE_EXHAUSTED if not even a write of nothing would be admitted now.
  absl::Status CheckRoom() const;

  bool has_reserve() const { return has_reserve_; }

 private:
  absl::Status CheckLeaves(uint64_t keep, uint64_t free, uint64_t bytes) const;
  void GiveUpReserve();
  void MakeReserve();

  const std::string directory_;
  const std::string reserve_file_;
  const Limits limits_;
  const FreeBytes free_bytes_;
  bool has_reserve_ = false;
};

}  // namespace rollcall::store
