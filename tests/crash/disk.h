// Disk: files in memory that know which of their bytes and names would be there after the power was
// lost: what was synced, and of the rest what the kind of loss leaves.
//
// A value; changed by operations, which are values too, so that a recorded sequence can be carried
// out again up to any of them. A file is known by a number, for names come and go. Directories are
// there already, and durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace rollcall::crash {

// What a disk holds, by path.
using Files = std::map<std::string, std::string>;

struct Operation {
  enum class Kind { kCreate, kAppend, kTruncate, kSync, kRename, kDelete, kSyncNames };
  Kind kind;
  std::string path;  // kSyncNames: of the directory
  std::string to;    // kRename
  size_t file = 0;   // kCreate, kAppend, kTruncate, kSync
  std::string bytes;
  size_t size = 0;  // kTruncate
};

// What a loss of power takes. A sync is kept by all of them.
enum class Loss {
  kNothing,    // the process alone is killed
  kUnsynced,   // every byte and every name that was not synced
  kBytes,      // every unsynced byte; names are kept
  kNames,      // every unsynced name: files that were made, renamed and deleted; bytes are kept
  kTail,       // of each file an end, cut anywhere
  kScattered,  // of each file all unsynced bytes, some or none; names from some moment on
  kSectors,    // some sectors: the length is kept, zeros stand in them
};
inline constexpr Loss kEveryLoss[] = {Loss::kNothing, Loss::kUnsynced,  Loss::kBytes,  Loss::kNames,
                                      Loss::kTail,    Loss::kScattered, Loss::kSectors};
const char* WordOf(Loss loss);
// Whether what is lost is drawn.
bool IsDrawn(Loss loss);

class Disk {
 public:
  static constexpr size_t kNone = SIZE_MAX;
  static constexpr size_t kSectorBytes = 512;

  // All of it durable.
  explicit Disk(const Files& files = {});

  void Apply(const Operation& operation);

  // kNone: there is no such name.
  size_t Find(const std::string& path) const;
  const std::string& BytesOf(size_t file) const { return inodes_[file].bytes; }
  const std::map<std::string, size_t>& names() const { return names_; }
  // The number that the next file gets.
  size_t next_file() const { return inodes_.size(); }

  // What is left. `seed` decides where chance does. `shape` says the same in short: two losses of
  // one history that leave the same have the same shape.
  Files After(Loss loss, uint64_t seed) const;
  std::string ShapeAfter(Loss loss, uint64_t seed) const;

 private:
  using Names = std::map<std::string, size_t>;
  struct Inode {
    std::string bytes;
    size_t synced = 0;
  };
  // Of one file: so many bytes are kept, and of the sectors that hold unsynced bytes those that are
  // not lost.
  struct Kept {
    std::string path;
    size_t file;
    size_t size;
    std::vector<bool> lost;
  };

  static void ApplyTo(Names& names, const Operation& operation);
  void SyncNames(const std::string& directory);
  Names NamesAfter(Loss loss, uint64_t seed) const;
  std::vector<Kept> KeptAfter(Loss loss, uint64_t seed) const;

  std::vector<Inode> inodes_;
  Names names_;
  Names durable_;
  std::vector<Operation> unsynced_names_;
};

}  // namespace rollcall::crash
