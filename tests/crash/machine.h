// Machine: what a process needs to run a store on files in memory: a clock, executors, and RocksDB
// on a CrashFileSystem. One process at a time.
//
// RocksDB's files are in memory; the lock beside them is on a real directory, of a file system in
// memory where there is one, for no sync of it counts.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/random.h"
#include "server/store/embedded/rocks_record_store.h"
#include "tests/crash/crash_file_system.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::crash {

class Machine {
 public:
  // Small enough that a short history flushes and compacts.
  static constexpr uint64_t kWriteBufferBytes = 64 << 10;

  explicit Machine(const std::string& directory, const Files& files = {},
                   size_t power_for = CrashFileSystem::kNever)
      : directory_(directory),
        files_(std::make_shared<CrashFileSystem>(files, power_for)),
        env_(rocksdb::NewCompositeEnv(files_)) {}

  // The disk of a process that starts now; the one before must be gone.
  absl::StatusOr<std::unique_ptr<store::RocksRecordStore>> Open(bool sync) {
    store::RocksOptions options;
    options.directory = directory_;
    options.keep_free_bytes = 0;
    options.reserve_bytes = 0;
    options.write_buffer_bytes = kWriteBufferBytes;
    options.block_cache_bytes = 1 << 20;
    options.sync = sync;
    options.on_failure = [this](std::string what) { failures_.Add(std::move(what)); };
    options.free_bytes = [](const std::string&) { return uint64_t{1} << 40; };
    options.env = env_.get();
    return store::RocksRecordStore::Open(std::move(options));
  }

  CrashFileSystem& files() { return *files_; }
  std::vector<std::string> failures() const { return failures_.all(); }

  testing::FakeClock clock;
  testing::ManualExecutor executor{clock};
  base::SeededRandom random{17};

 private:
  // Told from RocksDB's threads.
  class Failures {
   public:
    void Add(std::string what) {
      base::MutexLock lock(mu_);
      all_.push_back(std::move(what));
    }
    std::vector<std::string> all() const {
      base::MutexLock lock(mu_);
      return all_;
    }

   private:
    mutable base::Mutex mu_;
    std::vector<std::string> all_ ABSL_GUARDED_BY(mu_);
  };

  const std::string directory_;
  const std::shared_ptr<CrashFileSystem> files_;
  const std::unique_ptr<rocksdb::Env> env_;
  Failures failures_;
};

}  // namespace rollcall::crash
