#include "server/app/daemon.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "server/adapters/http/status_pages.h"
#include "server/app/atomic_file.h"
#include "server/app/metric_sources.h"
#include "server/model/times.h"
#include "server/rpc/grpc/grpc_frame.h"
#include "server/store/contact.h"

namespace rollcall::app {
namespace {

// What calls under way get on top of the drain time.
constexpr absl::Duration kShutdownGrace = absl::Seconds(1);
// A commit over the network waits mostly; on this machine it is the disk that works.
constexpr size_t kGroupsInFlightOverNetwork = 4;
constexpr absl::Duration kReadyLook = absl::Milliseconds(2);
constexpr absl::Duration kHealthLook = absl::Milliseconds(500);
constexpr absl::Duration kSayEvery = absl::Seconds(5);

std::string HostPort(const config::Address& address, int port) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return absl::StrCat(v6 ? "[" : "", address.host, v6 ? "]" : "", ":", port);
}

// This machine's name for a wildcard, which nobody can connect to.
std::string ReachableHost(const std::string& host) {
  if (host != "0.0.0.0" && host != "::") return host;
  char name[HOST_NAME_MAX + 1] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : host;
}

void DescribeStore(const cluster::StoreState& state, v1::GetStatusResponse& status) {
  status.set_store_quota(static_cast<uint64_t>(state.quota));
  if (state.no_space) status.set_writes_refused(std::string(cluster::kNoSpaceAdvice));
  for (const cluster::StoreMember& member : state.members) {
    v1::StoreMember& told = *status.add_store_members();
    told.set_endpoint(member.endpoint);
    told.set_reachable(member.reachable());
    if (!member.reachable()) told.set_error(std::string(member.status.message()));
    told.set_version(member.version);
    told.set_db_size(static_cast<uint64_t>(member.db_size));
    told.set_db_size_in_use(static_cast<uint64_t>(member.db_size_in_use));
    told.set_leader(member.leader);
    for (const std::string& alarm : member.alarms) told.add_alarms(alarm);
  }
}

size_t PublisherCount(uint32_t wish) {
  if (wish > 0) return wish;
  return std::clamp(std::thread::hardware_concurrency() / 2, 1u, 8u);
}

}  // namespace

Daemon::Daemon(const config::Config& config, base::Clock& clock, base::Random& random,
               observe::Log& log, Orders orders)
    : config_(config),
      clock_(clock),
      random_(random),
      log_(log),
      orders_(std::move(orders)),
      started_(clock.Steady()) {}

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(const config::Config& config,
                                                      base::Clock& clock, base::Random& random,
                                                      observe::Log& log, Orders orders) {
  std::unique_ptr<Daemon> daemon(new Daemon(config, clock, random, log, std::move(orders)));
  RETURN_IF_ERROR(daemon->OpenBackend());
  // Of a process on this directory that was killed: nobody may take it for ours.
  if (!config.ready_file.empty()) unlink(config.ready_file.c_str());
  RETURN_IF_ERROR(daemon->StartNode());
  RETURN_IF_ERROR(daemon->StartGrpc());
  RETURN_IF_ERROR(daemon->StartHttp());
  RETURN_IF_ERROR(daemon->AwaitReady());
  daemon->ready_ = true;
  daemon->grpc_->SetServing(true);
  daemon->told_serving_ = true;
  daemon->core_->Post([d = daemon.get()] { d->TellHealth(); });
  RETURN_IF_ERROR(daemon->WriteReadyFile());
  log.Info("serving", {{"grpc", daemon->grpc_->addresses().front()},
                       {"http", HostPort(config.http, daemon->http_->port())},
                       {"node_id", daemon->node_id_},
                       {"store_id", daemon->backend_->store().id()},
                       {"revision", daemon->node_->views().applied()},
                       {"took", absl::FormatDuration(clock.Steady() - daemon->started_)}});
  return daemon;
}

Daemon::~Daemon() { Stop(); }

absl::Status Daemon::OpenBackend() {
  ASSIGN_OR_RETURN(DataFolder folder, DataFolder::Open(config_.data));
  folder_ = std::make_unique<DataFolder>(std::move(folder));
  core_ = std::make_unique<base::ThreadExecutor>("rc-core");
  const Backend::Parts parts = {.config = config_,
                                .folder = *folder_,
                                .core = *core_,
                                .clock = clock_,
                                .random = random_,
                                .log = log_,
                                .stop_within = orders_.stop_within,
                                .restart = orders_.restart};
  // Holds the directory from here on, so that nobody else's identity is read or written.
  ASSIGN_OR_RETURN(backend_,
                   config_.cluster() ? OpenEtcdBackend(parts) : OpenEmbeddedBackend(parts));
  ASSIGN_OR_RETURN(node_id_, folder_->Identity(config_.node_id, random_));
  return absl::OkStatus();
}

absl::Status Daemon::StartNode() {
  history_ = std::make_unique<base::ThreadExecutor>("rc-history");
  std::vector<base::Executor*> publishers;
  for (size_t i = 0; i < PublisherCount(config_.publishers); ++i) {
    publishers_.push_back(std::make_unique<base::ThreadExecutor>(absl::StrCat("rc-feed-", i)));
    publishers.push_back(publishers_.back().get());
  }
  node::Node::Options options;
  options.id = node_id_;
  options.ttl = {config_.min_ttl, config_.max_ttl, config_.default_ttl};
  options.resume_window = config_.resume_window;
  options.history = {config_.history_keep, config_.history_bytes};
  options.version = ROLLCALL_VERSION;
  options.cluster = {config_.resume_window, config_.audit_interval, config_.etcd_quota_bytes,
                     config_.etcd_shared};
  if (config_.cluster()) options.committer.groups_in_flight = kGroupsInFlightOverNetwork;
  options.on_duplicate = orders_.fail;
  options.describe = [this](v1::GetStatusResponse& status) { Describe(status); };
  options.check_room = [this] { return backend_->CheckRoom(); };
  node::Node::Edges edges{.store = backend_->store(),
                          .version_log = backend_->version_log(),
                          .core = *core_,
                          .history = *history_,
                          .publishers = std::move(publishers),
                          .clock = clock_,
                          .random = random_,
                          .make_frame = rpc::MakeGrpcFrame,
                          .log = log_};
  if (const auto cluster = backend_->cluster()) {
    peers_ = std::make_unique<rpc::PeerChannels>(
        rpc::MakePeerCredentials({config_.tls_cert, config_.tls_key, config_.tls_ca}), clock_);
    edges.cluster.emplace(node::ClusterEdges{cluster->log, cluster->leases, cluster->etcd,
                                             config_.etcd_prefix, *peers_});
  }
  node_ = std::make_unique<node::Node>(std::move(edges), std::move(options));
  if (node_->cluster() != nullptr) {
    node_->cluster()->directory().Listen(
        [this](const cluster::NodeSnapshot&, const cluster::NodeSnapshot& now) {
          peers_->OnNodes(now);
        });
  }
  node_->committer().set_on_group([this](size_t transactions, absl::Duration took) {
    metrics_.Observe(observe::Metric::kCommitGroup, static_cast<double>(transactions));
    metrics_.Observe(observe::Metric::kCommitDuration, absl::ToDoubleSeconds(took));
  });
  std::promise<absl::Status> loaded;
  core_->Post([this, &loaded] { loaded.set_value(node_->Start()); });
  return loaded.get_future().get();
}

absl::Status Daemon::StartGrpc() {
  const rpc::AnswerHead head{node_->views(),
                             [this] { return node_->sessions().store_reachable(); }};
  registry_ = std::make_unique<rpc::RegistryService>(node_->registry(), node_->sessions(), head,
                                                     clock_, calls_);
  discovery_ =
      std::make_unique<rpc::DiscoveryService>(node_->discovery(), node_->feed(), clock_, calls_);
  backup_source_ = std::make_unique<backup::DiskSource>(backend_->disk(), clock_, ROLLCALL_VERSION);
  backups_ = std::make_unique<rpc::BackupHandler>(rpc::BackupHandler::Parts{
      .reader = *history_, .clock = clock_, .source = *backup_source_, .applied = [this] {
        return node_->views().applied();
      }});
  operations_ =
      std::make_unique<rpc::OperationsService>(node_->operations(), *backups_, clock_, calls_);
  rpc::GrpcServer::Options options;
  for (const config::Address& address : config_.listen) {
    options.listen.push_back(HostPort(address, address.port));
  }
  options.tls = {config_.tls_cert, config_.tls_key, config_.tls_ca, config_.tls_client_auth};
  options.on_tls_change = [this](const absl::Status& why) {
    if (why.ok()) return log_.Info("TLS files changed and are used from now on", {});
    log_.Warning("TLS files changed and cannot be used; those read before stay in use",
                 {{"why", why.message()}});
  };
  ASSIGN_OR_RETURN(self_socket_, folder_->SelfSocket());
  options.self_socket = self_socket_;
  options.on_trouble = [this](const std::string& why) {
    if (const auto left_out = accept_trouble_.Admit(why, clock_.Steady())) {
      log_.Warning(why, {{"left_out", *left_out}});
    }
  };
  ASSIGN_OR_RETURN(grpc_, rpc::GrpcServer::Start(
                              options, {registry_.get(), discovery_.get(), operations_.get()}));
  // Read by answers, which are made on the core, and the server answers already.
  core_->Post([this, address = Advertised()] { grpc_address_ = address; });
  self_beat_ =
      std::make_unique<rpc::SelfBeat>(options.self_socket, node_->sessions(), *core_, clock_);
  self_beat_->Start();
  return absl::OkStatus();
}

absl::Status Daemon::StartHttp() {
  AddMetricSources(metrics_, *node_, calls_, log_, folder_->path());
  http::StatusPages pages;
  pages.alive = [this](absl::AnyInvocable<void(absl::Status)> done) {
    core_->Post([done = std::move(done)]() mutable { done(absl::OkStatus()); });
  };
  pages.ready = [this](absl::AnyInvocable<void(absl::Status)> done) { done(Readiness()); };
  pages.metrics = [this] { return metrics_.Scrape(); };
  http::HttpOptions options;
  // The one name that config allows for it; all others are IP addresses.
  options.address = config_.http.host == "localhost" ? "127.0.0.1" : config_.http.host;
  options.port = config_.http.port;
  ASSIGN_OR_RETURN(http_, http::HttpServer::Start(options, StatusRoutes(std::move(pages))));
  core_->Post([this, address = AdvertisedHttp()] { http_address_ = address; });
  return absl::OkStatus();
}

// A node that has caught up once stays of use while the store is away: it serves what it has,
// marked stale, and so do all the others then. It is of less use than they are if it alone is cut
// off.
absl::Status Daemon::Readiness() const {
  if (draining_) return absl::UnavailableError("shutting down");
  if (!ready_) return absl::UnavailableError("starting");
  const bool reachable = StoreReachable();
  if (!reachable && node_->isolated()) {
    return absl::UnavailableError("cut off from the store, while other nodes are not");
  }
  if (node_->ready() || !reachable) return absl::OkStatus();
  return absl::UnavailableError("has yet to catch up with the store");
}

void Daemon::TellHealth() {
  const bool serving = Readiness().ok();
  if (std::exchange(told_serving_, serving) != serving) grpc_->SetServing(serving);
  core_->PostAt(clock_.Steady() + kHealthLook, [this] { TellHealth(); });
}

std::string Daemon::Advertised() const {
  if (!config_.advertise.empty()) return config_.advertise;
  return HostPort({ReachableHost(config_.listen.front().host), 0}, grpc_->ports().front());
}

std::string Daemon::AdvertisedHttp() const {
  return HostPort({ReachableHost(config_.http.host), 0}, http_->port());
}

absl::Status Daemon::AwaitReady() {
  core_->Post(
      [this, grpc = Advertised(), http = AdvertisedHttp()] { node_->Announce(grpc, http); });
  const base::Instant begun = clock_.Steady();
  base::Instant say_at = begun + kSayEvery;
  while (!node_->ready() || !node_->joined()) {
    if (orders_.stop_within(kReadyLook)) return absl::CancelledError("stopped while starting");
    if (clock_.Steady() < say_at) continue;
    log_.Warning("not ready: has yet to catch up with the store",
                 {{"for", clock_.Steady() - begun}, {"revision", node_->views().applied()}});
    say_at = clock_.Steady() + kSayEvery;
  }
  return absl::OkStatus();
}

absl::Status Daemon::WriteReadyFile() const {
  if (config_.ready_file.empty()) return absl::OkStatus();
  const nlohmann::ordered_json ready = {{"pid", getpid()},
                                        {"node_id", node_id_.value()},
                                        {"store", config_.store},
                                        {"store_id", backend_->store().id().value()},
                                        {"grpc_address", grpc_->addresses().front()},
                                        {"grpc_port", grpc_->ports().front()},
                                        {"http_port", http_->port()}};
  return WriteFileAtomically(config_.ready_file, ready.dump() + "\n");
}

bool Daemon::StoreReachable() const { return store::Reachable(backend_->store()); }

void Daemon::Describe(v1::GetStatusResponse& status) const {
  status.set_node_id(node_id_.value());
  status.set_version(ROLLCALL_VERSION);
  status.set_store(config_.store);
  status.set_store_reachable(StoreReachable());
  *status.mutable_uptime() = ToProto(clock_.Steady() - started_);
  status.set_grpc_address(grpc_address_);
  status.set_http_address(http_address_);
  status.set_ready(node_->ready());
  status.set_draining(draining_);
  if (const node::ClusterMember* cluster = node_->cluster()) {
    DescribeStore(*cluster->store_watch().state(), status);
  }
}

void Daemon::DrainClients() {
  // Shared with the core, which may be done with it later than we are willing to wait.
  auto drained = std::make_shared<std::promise<void>>();
  core_->Post(
      [this, drained] { node_->Drain(config_.drain_time, [drained] { drained->set_value(); }); });
  // Streams that do not end are cancelled by the server's shutdown below.
  drained->get_future().wait_for(absl::ToChronoMilliseconds(config_.drain_time + kShutdownGrace));
}

void Daemon::LeaveCluster() {
  auto left = std::make_shared<std::promise<void>>();
  core_->Post([this, left] { node_->Leave([left] { left->set_value(); }); });
  left->get_future().wait_for(absl::ToChronoMilliseconds(kShutdownGrace));
}

void Daemon::Stop() {
  if (stopped_) return;
  stopped_ = true;
  draining_ = true;
  const bool served = ready_.exchange(false);
  if (served) {
    log_.Info("shutting down: sending clients elsewhere", {{"within", config_.drain_time}});
    if (!config_.ready_file.empty()) unlink(config_.ready_file.c_str());
    grpc_->SetServing(false);
    DrainClients();
    LeaveCluster();
  }
  if (self_beat_ != nullptr) self_beat_->Stop();
  if (grpc_ != nullptr) grpc_->Shutdown(kShutdownGrace);
  if (!self_socket_.empty()) folder_->RemoveSelfSocket(self_socket_);
  metrics_.RemoveSources();
  if (http_ != nullptr) http_->Stop();
  // From those who ask to those who are asked.
  if (peers_ != nullptr) peers_->Stop();
  for (auto& publisher : publishers_) publisher->Stop();
  if (history_ != nullptr) history_->Stop();
  if (core_ != nullptr) core_->Stop();
  if (backend_ != nullptr) backend_->Stop();
  if (served) log_.Info("stopped");
}

}  // namespace rollcall::app
