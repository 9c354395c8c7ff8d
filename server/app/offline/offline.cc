#include "server/app/offline/offline.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/app/config/pages.h"
#include "server/app/data_folder.h"
#include "server/app/offline/etcd_place.h"
#include "server/app/offline/file_source.h"
#include "server/app/offline/store_place.h"
#include "server/backup/disk/disk_source.h"
#include "server/backup/disk/disk_target.h"
#include "server/backup/etcd/etcd_target.h"
#include "server/backup/restore.h"
#include "server/store/embedded/layout.h"
#include "server/store/embedded/rocks_record_store.h"

namespace rollcall::app {
namespace {

constexpr int kExitStoreFailed = 70;

struct Work {
  const OfflineLine& line;
  const base::Clock& clock;
  base::Random& random;
};

// How many records are there, on a terminal.
class Counter {
 public:
  explicit Counter(const base::Clock& clock)
      : clock_(clock), terminal_(isatty(STDERR_FILENO) == 1) {}
  ~Counter() {
    if (shown_any_) std::fputs("\r\x1b[K", stderr);
  }
  void Show(uint64_t records) {
    constexpr absl::Duration kEvery = absl::Milliseconds(200);
    const base::Instant now = clock_.Steady();
    if (!terminal_ || now - shown_ < kEvery) return;
    shown_ = now;
    shown_any_ = true;
    std::fprintf(stderr, "\r\x1b[K%llu records", static_cast<unsigned long long>(records));
  }

 private:
  const base::Clock& clock_;
  const bool terminal_;
  bool shown_any_ = false;
  base::Instant shown_;
};

// What RocksDB meets behind our back: nothing that follows can be relied on.
[[noreturn]] void StopOnFailure(const std::string& what) {
  std::fprintf(stderr, "rollcalld: the disk failed and nothing was restored: %s\n", what.c_str());
  std::_Exit(kExitStoreFailed);
}

absl::StatusOr<std::unique_ptr<store::RocksRecordStore>> OpenDisk(const std::string& directory,
                                                                  const config::Config& config) {
  store::RocksOptions options;
  options.directory = directory;
  options.keep_free_bytes = config.disk_reserve_bytes;
  options.on_failure = StopOnFailure;
  return store::RocksRecordStore::Open(std::move(options));
}

absl::StatusOr<backup::Restored> Transfer(const backup::Source& source, backup::Target& target,
                                          const Work& work) {
  Counter counter(work.clock);
  return backup::Restore(source, target, work.clock.Wall(),
                         [&](uint64_t records) { counter.Show(records); });
}

std::string Said(const backup::Restored& restored, absl::string_view place) {
  return absl::StrCat(
      restored.records, " records of store ", restored.from.store.value(), " at revision ",
      restored.from.revision.value(), " (",
      absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", restored.from.time, absl::UTCTimeZone()),
      ") are in ", place, ", whose store is ", restored.store.value(), " now.\n");
}

absl::StatusOr<backup::Restored> IntoEtcd(const backup::Source& source, const Work& work) {
  const config::Config& config = work.line.config;
  ASSIGN_OR_RETURN(const auto place, EtcdPlace::Open(config, work.clock, work.random));
  backup::EtcdTarget target(place->caller(), work.random,
                            {.prefix = config.etcd_prefix, .replace = work.line.force});
  return Transfer(source, target, work);
}

// Answers what to say.
absl::StatusOr<std::string> RestoreIntoEtcd(const backup::Source& source, const Work& work) {
  ASSIGN_OR_RETURN(const backup::Restored restored, IntoEtcd(source, work));
  return Said(restored, absl::StrCat("etcd under ", work.line.config.etcd_prefix));
}

absl::StatusOr<std::string> RestoreIntoData(const backup::Source& source, const Work& work) {
  // Before anything is made: most mistakes are in the name of the file.
  RETURN_IF_ERROR(source.Open().status());
  ASSIGN_OR_RETURN(const DataFolder folder, DataFolder::Open(work.line.config.data));
  ASSIGN_OR_RETURN(StorePlace place,
                   StorePlace::Take(folder.store(), folder.unfinished_store(), work.line.force));
  std::optional<backup::Restored> restored;
  {
    ASSIGN_OR_RETURN(const auto disk, OpenDisk(folder.unfinished_store(), work.line.config));
    backup::DiskTarget target(*disk, work.random, work.clock);
    ASSIGN_OR_RETURN(restored, Transfer(source, target, work));
  }
  ASSIGN_OR_RETURN(const std::string aside, place.Swap(work.clock.Wall()));
  std::string said = Said(*restored, folder.path());
  if (!aside.empty()) absl::StrAppend(&said, "The store that was there is in ", aside, ".\n");
  return said;
}

// A node's copy of a cluster's store may lack what the cluster has acknowledged.
absl::Status CheckIsStore(const store::RocksRecordStore& disk) {
  ASSIGN_OR_RETURN(const std::optional<std::string> id,
                   disk.Get(store::Table::kMeta, store::layout::kStoreIdKey));
  ASSIGN_OR_RETURN(const std::optional<std::string> kind,
                   disk.Get(store::Table::kMeta, store::layout::kKindKey));
  if (id && !kind) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(disk.name(), " holds no store of its own; name a node's --data directory"));
}

absl::StatusOr<std::string> Migrate(const Work& work) {
  const config::Config& config = work.line.config;
  std::error_code error;
  const std::string store = (std::filesystem::path(config.data) / "store").string();
  if (!std::filesystem::exists(store, error)) {
    return absl::NotFoundError(
        absl::StrCat("there is no store in \"", config.data, "\"; name a node's --data directory"));
  }
  ASSIGN_OR_RETURN(const auto disk, OpenDisk(store, config));
  RETURN_IF_ERROR(CheckIsStore(*disk));
  const backup::DiskSource source(*disk, work.clock, config::Version());
  ASSIGN_OR_RETURN(const backup::Restored restored, IntoEtcd(source, work));
  return absl::StrCat(Said(restored, absl::StrCat("etcd under ", config.etcd_prefix)),
                      "They were read back and are the same. ", config.data,
                      " is as it was; do not start a node on it with store embedded again.\n");
}

absl::StatusOr<std::string> Do(const Work& work) {
  if (work.line.verb == OfflineLine::Verb::kMigrate) return Migrate(work);
  const FileSource source(work.line.file);
  return work.line.config.cluster() ? RestoreIntoEtcd(source, work) : RestoreIntoData(source, work);
}

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return 2;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return 3;
    default:
      return 1;
  }
}

}  // namespace

int RunOffline(const OfflineLine& line, const base::Clock& clock, base::Random& random) {
  const absl::StatusOr<std::string> said = Do({line, clock, random});
  if (said.ok()) {
    std::fputs(said->c_str(), stdout);
    return 0;
  }
  std::fprintf(stderr, "rollcalld: %s\n", std::string(said.status().message()).c_str());
  return ExitCodeOf(said.status());
}

}  // namespace rollcall::app
