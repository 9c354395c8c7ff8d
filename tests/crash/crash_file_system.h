// CrashFileSystem: a rocksdb::FileSystem on a Disk in memory, which writes down every change that
// is made to it, and may lose its power at one of them: from then on every call fails.
//
// RocksDB's own log goes nowhere: it tells the time, and no two runs would be alike. Thread-safe.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "client-sdk/base/mutex.h"
#include "tests/crash/disk.h"

namespace rollcall::crash {

class CrashFileSystem final : public rocksdb::FileSystem {
 public:
  using Status = rocksdb::IOStatus;
  using Options = rocksdb::IOOptions;
  using Context = rocksdb::IODebugContext;

  static constexpr size_t kNever = SIZE_MAX;

  // The first `power_for` changes are made, and nothing after them.
  explicit CrashFileSystem(const Files& files = {}, size_t power_for = kNever);

  const char* Name() const override { return "CrashFileSystem"; }

  // How many changes were made so far.
  size_t changes() const;
  std::vector<Operation> journal() const;
  bool has_power() const;
  Files files() const;

  // What files do.
  Status Change(Operation operation);
  Status Read(size_t file, uint64_t offset, size_t size, rocksdb::Slice* result,
              char* scratch) const;
  uint64_t SizeOf(size_t file) const;

  Status NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSSequentialFile>* result,
                           Context* context) override;
  Status NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                             Context* context) override;
  Status NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                         std::unique_ptr<rocksdb::FSWritableFile>* result,
                         Context* context) override;
  // Of a file that is there.
  Status ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                            std::unique_ptr<rocksdb::FSWritableFile>* result,
                            Context* context) override;
  Status NewDirectory(const std::string& path, const Options& options,
                      std::unique_ptr<rocksdb::FSDirectory>* result, Context* context) override;
  Status NewLogger(const std::string& path, const Options& options,
                   std::shared_ptr<rocksdb::Logger>* result, Context* context) override;
  Status FileExists(const std::string& path, const Options& options, Context* context) override;
  Status GetChildren(const std::string& path, const Options& options,
                     std::vector<std::string>* result, Context* context) override;
  Status GetFileSize(const std::string& path, const Options& options, uint64_t* size,
                     Context* context) override;
  Status GetFileModificationTime(const std::string& path, const Options& options, uint64_t* time,
                                 Context* context) override;
  Status IsDirectory(const std::string& path, const Options& options, bool* is_directory,
                     Context* context) override;
  Status DeleteFile(const std::string& path, const Options& options, Context* context) override;
  Status RenameFile(const std::string& from, const std::string& to, const Options& options,
                    Context* context) override;
  Status CreateDir(const std::string& path, const Options& options, Context* context) override;
  Status CreateDirIfMissing(const std::string& path, const Options& options,
                            Context* context) override;
  Status DeleteDir(const std::string& path, const Options& options, Context* context) override;
  Status LockFile(const std::string& path, const Options& options, rocksdb::FileLock** lock,
                  Context* context) override;
  Status UnlockFile(rocksdb::FileLock* lock, const Options& options, Context* context) override;
  Status GetTestDirectory(const Options& options, std::string* path, Context* context) override;
  Status GetAbsolutePath(const std::string& path, const Options& options, std::string* absolute,
                         Context* context) override;

 private:
  Status ChangeLocked(Operation operation) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  Status Open(const std::string& path, size_t* file) const;

  const size_t power_for_;
  mutable base::Mutex mu_;
  Disk disk_ ABSL_GUARDED_BY(mu_);
  std::vector<Operation> journal_ ABSL_GUARDED_BY(mu_);
  bool has_power_ ABSL_GUARDED_BY(mu_) = true;
};

}  // namespace rollcall::crash
