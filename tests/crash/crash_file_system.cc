#include "tests/crash/crash_file_system.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace rollcall::crash {
namespace {

using Kind = Operation::Kind;
using Status = CrashFileSystem::Status;
using Options = CrashFileSystem::Options;
using Context = CrashFileSystem::Context;
using rocksdb::Slice;

Status NoPower() { return Status::IOError("the power is lost"); }
Status NotFound(const std::string& path) { return Status::PathNotFound(path); }

// "/a//b/" as "/a/b".
std::string Tidy(const std::string& path) {
  std::string tidy;
  for (const char c : path) {
    if (c != '/' || tidy.empty() || tidy.back() != '/') tidy.push_back(c);
  }
  if (tidy.size() > 1 && tidy.back() == '/') tidy.pop_back();
  return tidy;
}

class Sequential final : public rocksdb::FSSequentialFile {
 public:
  Sequential(const CrashFileSystem& system, size_t file) : system_(system), file_(file) {}
  Status Read(size_t size, const Options&, Slice* result, char* scratch, Context*) override {
    const Status status = system_.Read(file_, at_, size, result, scratch);
    if (status.ok()) at_ += result->size();
    return status;
  }
  Status Skip(uint64_t size) override {
    at_ += size;
    return Status::OK();
  }

 private:
  const CrashFileSystem& system_;
  const size_t file_;
  uint64_t at_ = 0;
};

class RandomAccess final : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccess(const CrashFileSystem& system, size_t file) : system_(system), file_(file) {}
  Status Read(uint64_t offset, size_t size, const Options&, Slice* result, char* scratch,
              Context*) const override {
    return system_.Read(file_, offset, size, result, scratch);
  }

 private:
  const CrashFileSystem& system_;
  const size_t file_;
};

class Writable final : public rocksdb::FSWritableFile {
 public:
  Writable(CrashFileSystem& system, size_t file) : system_(system), file_(file) {}
  using rocksdb::FSWritableFile::Append;
  Status Append(const Slice& bytes, const Options&, Context*) override {
    return system_.Change({Kind::kAppend, "", "", file_, bytes.ToString(), 0});
  }
  Status Truncate(uint64_t size, const Options&, Context*) override {
    if (size == system_.SizeOf(file_)) return Status::OK();
    return system_.Change({Kind::kTruncate, "", "", file_, "", size});
  }
  Status Sync(const Options&, Context*) override {
    return system_.Change({Kind::kSync, "", "", file_, "", 0});
  }
  // It begins to write and waits for nothing.
  Status RangeSync(uint64_t, uint64_t, const Options&, Context*) override { return Status::OK(); }
  Status Flush(const Options&, Context*) override { return Status::OK(); }
  Status Close(const Options&, Context*) override { return Status::OK(); }
  uint64_t GetFileSize(const Options&, Context*) override { return system_.SizeOf(file_); }

 private:
  CrashFileSystem& system_;
  const size_t file_;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(CrashFileSystem& system, std::string path) : system_(system), path_(std::move(path)) {}
  Status Fsync(const Options&, Context*) override {
    return system_.Change({Kind::kSyncNames, path_, "", 0, "", 0});
  }
  Status Close(const Options&, Context*) override { return Status::OK(); }

 private:
  CrashFileSystem& system_;
  const std::string path_;
};

class Lock final : public rocksdb::FileLock {};

class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
  size_t GetLogFileSize() const override { return 0; }
};

}  // namespace

CrashFileSystem::CrashFileSystem(const Files& files, size_t power_for)
    : power_for_(power_for), disk_(files) {}

size_t CrashFileSystem::changes() const {
  base::MutexLock lock(mu_);
  return journal_.size();
}

std::vector<Operation> CrashFileSystem::journal() const {
  base::MutexLock lock(mu_);
  return journal_;
}

bool CrashFileSystem::has_power() const {
  base::MutexLock lock(mu_);
  return has_power_;
}

Files CrashFileSystem::files() const {
  base::MutexLock lock(mu_);
  return disk_.After(Loss::kNothing, 0);
}

Status CrashFileSystem::Change(Operation operation) {
  base::MutexLock lock(mu_);
  return ChangeLocked(std::move(operation));
}

Status CrashFileSystem::ChangeLocked(Operation operation) {
  if (journal_.size() == power_for_) has_power_ = false;
  if (!has_power_) return NoPower();
  disk_.Apply(operation);
  journal_.push_back(std::move(operation));
  return Status::OK();
}

Status CrashFileSystem::Read(size_t file, uint64_t offset, size_t size, Slice* result,
                             char* scratch) const {
  base::MutexLock lock(mu_);
  if (!has_power_) return NoPower();
  const std::string& bytes = disk_.BytesOf(file);
  const size_t from = std::min<size_t>(offset, bytes.size());
  const size_t count = std::min(size, bytes.size() - from);
  std::copy_n(bytes.data() + from, count, scratch);
  *result = Slice(scratch, count);
  return Status::OK();
}

uint64_t CrashFileSystem::SizeOf(size_t file) const {
  base::MutexLock lock(mu_);
  return disk_.BytesOf(file).size();
}

Status CrashFileSystem::Open(const std::string& path, size_t* file) const {
  base::MutexLock lock(mu_);
  if (!has_power_) return NoPower();
  *file = disk_.Find(Tidy(path));
  return *file == Disk::kNone ? NotFound(path) : Status::OK();
}

Status CrashFileSystem::NewSequentialFile(const std::string& path, const rocksdb::FileOptions&,
                                          std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                          Context*) {
  size_t file;
  const Status status = Open(path, &file);
  if (status.ok()) *result = std::make_unique<Sequential>(*this, file);
  return status;
}

Status CrashFileSystem::NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions&,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                            Context*) {
  size_t file;
  const Status status = Open(path, &file);
  if (status.ok()) *result = std::make_unique<RandomAccess>(*this, file);
  return status;
}

Status CrashFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>* result,
                                        Context*) {
  base::MutexLock lock(mu_);
  const size_t file = disk_.next_file();
  const Status status = ChangeLocked({Kind::kCreate, Tidy(path), "", file, "", 0});
  if (status.ok()) *result = std::make_unique<Writable>(*this, file);
  return status;
}

Status CrashFileSystem::ReopenWritableFile(const std::string& path, const rocksdb::FileOptions&,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                                           Context*) {
  base::MutexLock lock(mu_);
  const size_t file = disk_.Find(Tidy(path));
  if (file == Disk::kNone) return NotFound(path);
  *result = std::make_unique<Writable>(*this, file);
  return Status::OK();
}

Status CrashFileSystem::NewDirectory(const std::string& path, const Options&,
                                     std::unique_ptr<rocksdb::FSDirectory>* result, Context*) {
  *result = std::make_unique<Directory>(*this, Tidy(path));
  return Status::OK();
}

Status CrashFileSystem::NewLogger(const std::string&, const Options&,
                                  std::shared_ptr<rocksdb::Logger>* result, Context*) {
  *result = std::make_shared<NoLog>();
  return Status::OK();
}

Status CrashFileSystem::FileExists(const std::string& path, const Options&, Context*) {
  size_t file;
  const Status status = Open(path, &file);
  return status.IsPathNotFound() ? Status::NotFound() : status;
}

Status CrashFileSystem::GetChildren(const std::string& path, const Options&,
                                    std::vector<std::string>* result, Context*) {
  base::MutexLock lock(mu_);
  if (!has_power_) return NoPower();
  result->clear();
  const std::string prefix = absl::StrCat(Tidy(path), "/");
  for (const auto& [name, file] : disk_.names()) {
    absl::string_view child = name;
    if (absl::ConsumePrefix(&child, prefix) && !absl::StrContains(child, '/')) {
      result->emplace_back(child);
    }
  }
  return Status::OK();
}

Status CrashFileSystem::GetFileSize(const std::string& path, const Options&, uint64_t* size,
                                    Context*) {
  size_t file;
  const Status status = Open(path, &file);
  if (status.ok()) *size = SizeOf(file);
  return status;
}

Status CrashFileSystem::GetFileModificationTime(const std::string& path, const Options&,
                                                uint64_t* time, Context*) {
  *time = 0;
  size_t file;
  return Open(path, &file);
}

Status CrashFileSystem::IsDirectory(const std::string& path, const Options&, bool* is_directory,
                                    Context*) {
  base::MutexLock lock(mu_);
  *is_directory = disk_.Find(Tidy(path)) == Disk::kNone;
  return Status::OK();
}

Status CrashFileSystem::DeleteFile(const std::string& path, const Options&, Context*) {
  base::MutexLock lock(mu_);
  if (has_power_ && disk_.Find(Tidy(path)) == Disk::kNone) return NotFound(path);
  return ChangeLocked({Kind::kDelete, Tidy(path), "", 0, "", 0});
}

Status CrashFileSystem::RenameFile(const std::string& from, const std::string& to, const Options&,
                                   Context*) {
  base::MutexLock lock(mu_);
  if (has_power_ && disk_.Find(Tidy(from)) == Disk::kNone) return NotFound(from);
  return ChangeLocked({Kind::kRename, Tidy(from), Tidy(to), 0, "", 0});
}

Status CrashFileSystem::CreateDir(const std::string&, const Options&, Context*) {
  return Status::OK();
}
Status CrashFileSystem::CreateDirIfMissing(const std::string&, const Options&, Context*) {
  return Status::OK();
}
Status CrashFileSystem::DeleteDir(const std::string&, const Options&, Context*) {
  return Status::OK();
}

Status CrashFileSystem::LockFile(const std::string&, const Options&, rocksdb::FileLock** lock,
                                 Context*) {
  *lock = new Lock();
  return Status::OK();
}
Status CrashFileSystem::UnlockFile(rocksdb::FileLock* lock, const Options&, Context*) {
  delete lock;
  return Status::OK();
}

Status CrashFileSystem::GetTestDirectory(const Options&, std::string* path, Context*) {
  *path = "/";
  return Status::OK();
}
Status CrashFileSystem::GetAbsolutePath(const std::string& path, const Options&,
                                        std::string* absolute, Context*) {
  *absolute = path;
  return Status::OK();
}

}  // namespace rollcall::crash
