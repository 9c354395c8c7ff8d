#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "client-sdk/base/thread_executor.h"
#include "server/app/backend.h"
#include "server/observe/log_limiter.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/embedded/rocks_record_store.h"

namespace rollcall::app {
namespace {

constexpr int kExitStoreFailed = 70;

// The disk failed under the store: what is durable is safe, what is in memory may not be. Nothing
// may be answered from now on; the next start reads what is durable.
[[noreturn]] void StopOnStoreFailure(const std::string& what) {
  std::fprintf(stderr, "rollcalld: the store failed and the process stops: %s\n", what.c_str());
  std::_Exit(kExitStoreFailed);
}

class EmbeddedBackend final : public Backend {
 public:
  EmbeddedBackend(std::unique_ptr<base::ThreadExecutor> writer,
                  std::unique_ptr<store::RocksRecordStore> disk,
                  std::unique_ptr<store::EmbeddedStore> store)
      : writer_(std::move(writer)), disk_(std::move(disk)), store_(std::move(store)) {}

  store::Store& store() override { return *store_; }
  store::VersionLog& version_log() override { return store_->version_log(); }
  const store::RecordStore& disk() const override { return *disk_; }
  absl::Status CheckRoom() const override { return disk_->CheckRoom(); }
  void Stop() override { writer_->Stop(); }

 private:
  std::unique_ptr<base::ThreadExecutor> writer_;
  std::unique_ptr<store::RocksRecordStore> disk_;
  std::unique_ptr<store::EmbeddedStore> store_;
};

// An empty store would be made where a restore was meant to put one.
absl::Status CheckNoRestoreBrokeOff(const DataFolder& folder) {
  std::error_code ignored;
  if (std::filesystem::exists(folder.store(), ignored) ||
      !std::filesystem::exists(folder.unfinished_store(), ignored)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "a restore into ", folder.path(), " was begun and did not end: do it again with 'rollcalld ",
      "restore FILE --data ", folder.path(), "', or remove ", folder.unfinished_store(),
      " to begin with an empty store"));
}

// Near the border it comes and goes.
constexpr absl::Duration kSpaceToldEvery = absl::Seconds(10);

std::function<void(const absl::Status&)> TellOfSpace(const Backend::Parts& parts) {
  const auto limiter = std::make_shared<observe::LogLimiter>(kSpaceToldEvery);
  return [limiter, &log = parts.log, &clock = parts.clock](const absl::Status& space) {
    const char* key = space.ok() ? "room" : "full";
    const auto left_out = limiter->Admit(key, clock.Steady());
    if (!left_out) return;
    if (space.ok())
      return log.Info("the disk has room again: writes go on", {{"left_out", *left_out}});
    log.Warning("writes are refused", {{"why", space.message()}, {"left_out", *left_out}});
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> OpenEmbeddedBackend(const Backend::Parts& parts) {
  RETURN_IF_ERROR(CheckNoRestoreBrokeOff(parts.folder));
  store::RocksOptions options;
  options.directory = parts.folder.store();
  options.keep_free_bytes = parts.config.disk_reserve_bytes;
  options.on_failure = StopOnStoreFailure;
  options.on_space = TellOfSpace(parts);
  ASSIGN_OR_RETURN(auto disk, store::RocksRecordStore::Open(std::move(options)));
  auto writer = std::make_unique<base::ThreadExecutor>("rc-writer");
  ASSIGN_OR_RETURN(auto store, store::EmbeddedStore::Open(*disk, *writer, parts.core, parts.clock,
                                                          parts.random));
  return std::make_unique<EmbeddedBackend>(std::move(writer), std::move(disk), std::move(store));
}

}  // namespace rollcall::app
