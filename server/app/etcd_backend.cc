// The store of a cluster: etcd over gRPC, and this node's copy of it on its own disk.
#include <filesystem>
#include <future>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "client-sdk/base/thread_executor.h"
#include "server/app/backend.h"
#include "server/app/etcd_options.h"
#include "server/store/embedded/disk_replica.h"
#include "server/store/embedded/rocks_record_store.h"
#include "server/store/etcd/etcd_leases.h"
#include "server/store/etcd/etcd_store.h"
#include "server/store/etcd/grpc/grpc_etcd_api.h"

namespace rollcall::app {
namespace {

constexpr absl::Duration kStopLook = absl::Milliseconds(50);
// A node that has a copy of the store serves it after so long, if etcd cannot be asked.
constexpr absl::Duration kPatience = absl::Seconds(3);

class EtcdBackend final : public Backend {
 public:
  explicit EtcdBackend(const Parts& parts) : parts_(parts) {}
  ~EtcdBackend() override {
    Stop();
    if (replaced_) DropCopy();
  }

  absl::Status Open() {
    RETURN_IF_ERROR(OpenDisk());
    RETURN_IF_ERROR(OpenApi());
    RETURN_IF_ERROR(OpenStore());
    OnCore([this] {
      etcd::EtcdLeases::Options options;
      options.prefix = parts_.config.etcd_prefix;
      options.store_record = store_->record();
      options.ttl = parts_.config.presence_lease;
      leases_ = std::make_unique<etcd::EtcdLeases>(*api_, parts_.core, parts_.clock, parts_.random,
                                                   std::move(options));
    });
    return absl::OkStatus();
  }
  // Instead of Stop, while the core executor still runs.
  void Abandon() {
    OnCore([this] { CloseEtcd(); });
    Stop();
  }

  store::Store& store() override { return *store_; }
  store::VersionLog& version_log() override { return replica_->version_log(); }
  const store::RecordStore& disk() const override { return *disk_; }
  std::optional<Cluster> cluster() override { return Cluster{*replica_, *leases_, *api_}; }

  void Stop() override {
    CloseEtcd();
    if (writer_ != nullptr) writer_->Stop();
  }

 private:
  using Opened = absl::StatusOr<std::unique_ptr<etcd::EtcdStore>>;

  void CloseEtcd() {
    leases_.reset();
    opening_.reset();
    store_.reset();
    api_.reset();
  }

  absl::Status OpenApi() {
    ASSIGN_OR_RETURN(etcd::GrpcEtcdOptions options, EtcdOptionsOf(parts_.config));
    options.log = &parts_.log;
    absl::Status status;
    OnCore([&] {
      auto api =
          etcd::GrpcEtcdApi::Create(std::move(options), parts_.core, parts_.clock, parts_.random);
      status = api.status();
      if (api.ok()) api_ = *std::move(api);
    });
    return status;
  }

  // What is damaged is only a copy: it is dropped, and made anew.
  absl::Status OpenDisk() {
    const absl::Status opened = TryDisk();
    if (!absl::IsDataLoss(opened)) return opened;
    parts_.log.Warning("this node's copy of the store is damaged and is made anew",
                       {{"why", opened}});
    if (DropCopy()) return opened;
    return TryDisk();
  }

  std::error_code DropCopy() {
    replica_.reset();
    if (writer_ != nullptr) writer_->Stop();
    disk_.reset();
    std::error_code error;
    std::filesystem::remove_all(parts_.folder.replica(), error);
    return error;
  }

  absl::Status TryDisk() {
    store::RocksOptions options;
    options.directory = parts_.folder.replica();
    options.keep_free_bytes = parts_.config.disk_reserve_bytes;
    options.sync = false;
    options.on_failure = [this](const std::string& what) {
      parts_.log.Error(
          "this node's copy of the store cannot be kept on disk; it serves from memory",
          {{"why", what}});
    };
    ASSIGN_OR_RETURN(disk_, store::RocksRecordStore::Open(std::move(options)));
    writer_ = std::make_unique<base::ThreadExecutor>("rc-writer");
    ASSIGN_OR_RETURN(replica_, store::DiskReplica::Open(*disk_, *writer_, parts_.core, parts_.clock,
                                                        store::DiskReplica::Options()));
    return absl::OkStatus();
  }

  etcd::EtcdStore::Options StoreOptions() {
    etcd::EtcdStore::Options options;
    options.prefix = parts_.config.etcd_prefix;
    options.on_waiting = [this](const absl::Status& why, absl::Duration so_far) {
      parts_.log.Warning("waiting for etcd",
                         {{"at", parts_.config.etcd}, {"for", so_far}, {"why", why}});
    };
    options.on_replaced = [this](const absl::Status& why) {
      replaced_ = true;
      parts_.restart(std::string(why.message()));
    };
    return options;
  }

  // Waits for etcd; with a copy of the store at hand not for long: that can be served meanwhile.
  absl::Status OpenStore() {
    ASSIGN_OR_RETURN(const auto position, replica_->position());
    std::promise<Opened> promise;
    std::future<Opened> opened = promise.get_future();
    parts_.core.Post([&] {
      opening_ = etcd::EtcdStore::Open(*api_, parts_.core, parts_.clock, parts_.random,
                                       StoreOptions(), [&](Opened store) {
                                         promise.set_value(std::move(store));
                                         opening_.reset();
                                       });
    });
    const base::Instant begun = parts_.clock.Steady();
    absl::Status status;
    while (opened.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      if (parts_.stop_within(kStopLook)) status = absl::CancelledError("stopped while starting");
      if (!status.ok()) break;
      if (position && parts_.clock.Steady() - begun >= kPatience) break;
    }
    OnCore([this] { opening_.reset(); });  // Nothing comes of it from here on.
    if (!status.ok()) return status;
    if (opened.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
      ASSIGN_OR_RETURN(store_, opened.get());
      return absl::OkStatus();
    }
    parts_.log.Warning("etcd cannot be reached: serving this node's copy, marked stale",
                       {{"revision", position->revision}});
    OnCore([&] {
      store_ = etcd::EtcdStore::Presume(*api_, parts_.core, parts_.clock, parts_.random,
                                        StoreOptions(), position->store);
    });
    return absl::OkStatus();
  }

  void OnCore(const std::function<void()>& task) {
    std::promise<void> done;
    parts_.core.Post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }

  const Parts parts_;
  std::unique_ptr<base::ThreadExecutor> writer_;
  std::unique_ptr<store::RocksRecordStore> disk_;
  std::unique_ptr<store::DiskReplica> replica_;
  std::unique_ptr<etcd::GrpcEtcdApi> api_;
  std::unique_ptr<etcd::EtcdStore::Opening> opening_;
  std::unique_ptr<etcd::EtcdStore> store_;
  std::unique_ptr<etcd::EtcdLeases> leases_;
  // What the copy holds is not what stands in etcd, even where both have the same id: etcd may have
  // been put back to what it was.
  bool replaced_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> OpenEtcdBackend(const Backend::Parts& parts) {
  auto backend = std::make_unique<EtcdBackend>(parts);
  const absl::Status opened = backend->Open();
  if (opened.ok()) return backend;
  backend->Abandon();
  return opened;
}

}  // namespace rollcall::app
