#include "tests/crash/disk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/check.h"
#include "client-sdk/base/random.h"

namespace rollcall::crash {
namespace {

using Kind = Operation::Kind;

std::string DirectoryOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// The first sector that holds bytes from `synced` on, or would.
size_t FirstSector(size_t synced) { return synced / Disk::kSectorBytes; }

}  // namespace

const char* WordOf(Loss loss) {
  switch (loss) {
    case Loss::kNothing:
      return "nothing";
    case Loss::kUnsynced:
      return "all that is unsynced";
    case Loss::kBytes:
      return "unsynced bytes";
    case Loss::kNames:
      return "unsynced names";
    case Loss::kTail:
      return "tails";
    case Loss::kScattered:
      return "some of what is unsynced";
    case Loss::kSectors:
      return "sectors";
  }
  return "";
}

bool IsDrawn(Loss loss) {
  return loss == Loss::kTail || loss == Loss::kScattered || loss == Loss::kSectors;
}

Disk::Disk(const Files& files) {
  for (const auto& [path, bytes] : files) {
    names_[path] = inodes_.size();
    inodes_.push_back({bytes, bytes.size()});
  }
  durable_ = names_;
}

void Disk::Apply(const Operation& operation) {
  switch (operation.kind) {
    case Kind::kCreate:
      ROLLCALL_CHECK(operation.file == inodes_.size(), "files are counted");
      inodes_.emplace_back();
      break;
    case Kind::kAppend:
      inodes_[operation.file].bytes += operation.bytes;
      return;
    case Kind::kTruncate: {
      Inode& inode = inodes_[operation.file];
      inode.bytes.resize(operation.size);
      inode.synced = std::min(inode.synced, operation.size);
      return;
    }
    case Kind::kSync:
      inodes_[operation.file].synced = inodes_[operation.file].bytes.size();
      return;
    case Kind::kSyncNames:
      SyncNames(operation.path);
      return;
    case Kind::kRename:
    case Kind::kDelete:
      break;
  }
  ApplyTo(names_, operation);
  unsynced_names_.push_back(operation);
}

void Disk::ApplyTo(Names& names, const Operation& operation) {
  if (operation.kind == Kind::kCreate) {
    names[operation.path] = operation.file;
    return;
  }
  const auto at = names.find(operation.path);
  if (at == names.end()) return;
  if (operation.kind == Kind::kRename) names[operation.to] = at->second;
  names.erase(operation.path);
}

void Disk::SyncNames(const std::string& directory) {
  std::erase_if(unsynced_names_, [&](const Operation& operation) {
    if (DirectoryOf(operation.path) != directory) return false;
    ApplyTo(durable_, operation);
    return true;
  });
}

size_t Disk::Find(const std::string& path) const {
  const auto at = names_.find(path);
  return at == names_.end() ? kNone : at->second;
}

Disk::Names Disk::NamesAfter(Loss loss, uint64_t seed) const {
  if (loss != Loss::kUnsynced && loss != Loss::kNames && loss != Loss::kScattered) return names_;
  Names names = durable_;
  if (loss != Loss::kScattered) return names;
  base::SeededRandom random(seed);
  const size_t kept = random.Below(unsynced_names_.size() + 1);
  for (size_t i = 0; i < kept; ++i) ApplyTo(names, unsynced_names_[i]);
  return names;
}

std::vector<Disk::Kept> Disk::KeptAfter(Loss loss, uint64_t seed) const {
  std::vector<Kept> all;
  for (const auto& [path, file] : NamesAfter(loss, seed)) {
    const Inode& inode = inodes_[file];
    const size_t unsynced = inode.bytes.size() - inode.synced;
    Kept kept{path, file, inode.bytes.size(), {}};
    base::SeededRandom random(seed ^ (file + 1) * 0x9e3779b97f4a7c15u);
    if (loss == Loss::kUnsynced || loss == Loss::kBytes) kept.size = inode.synced;
    if (loss == Loss::kTail) kept.size = inode.synced + random.Below(unsynced + 1);
    if (loss == Loss::kScattered) {
      const size_t some = random.Below(unsynced + 1);
      const size_t each[] = {0, unsynced, some};
      kept.size = inode.synced + each[random.Below(3)];
    }
    if (loss == Loss::kSectors && unsynced > 0) {
      const size_t end = (inode.bytes.size() + kSectorBytes - 1) / kSectorBytes;
      for (size_t i = FirstSector(inode.synced); i < end; ++i) {
        kept.lost.push_back(random.Below(2) == 0);
      }
    }
    all.push_back(std::move(kept));
  }
  return all;
}

Files Disk::After(Loss loss, uint64_t seed) const {
  Files files;
  for (const Kept& kept : KeptAfter(loss, seed)) {
    const Inode& inode = inodes_[kept.file];
    std::string bytes = inode.bytes.substr(0, kept.size);
    for (size_t i = 0; i < kept.lost.size(); ++i) {
      if (!kept.lost[i]) continue;
      const size_t sector = (FirstSector(inode.synced) + i) * kSectorBytes;
      const size_t from = std::max(sector, inode.synced);
      const size_t to = std::min(sector + kSectorBytes, bytes.size());
      std::fill(bytes.begin() + static_cast<ptrdiff_t>(from),
                bytes.begin() + static_cast<ptrdiff_t>(to), '\0');
    }
    files[kept.path] = std::move(bytes);
  }
  return files;
}

std::string Disk::ShapeAfter(Loss loss, uint64_t seed) const {
  std::string shape;
  for (const Kept& kept : KeptAfter(loss, seed)) {
    absl::StrAppend(&shape, kept.path, " ", kept.file, " ", kept.size);
    if (std::find(kept.lost.begin(), kept.lost.end(), true) != kept.lost.end()) {
      absl::StrAppend(&shape, " of ", inodes_[kept.file].synced, " ");
      for (const bool lost : kept.lost) shape.push_back(lost ? '-' : '+');
    }
    shape.push_back('\n');
  }
  return shape;
}

}  // namespace rollcall::crash
