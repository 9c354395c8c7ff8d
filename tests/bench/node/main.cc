// node_bench: what a registration costs a node without gRPC and without waiting: all of it on one
// thread, the store on RocksDB, so that a profile of this program shows where the time goes.
//
//   --outstanding 256   registrations submitted before the node is let run
//   --batch 1           instances of each, under a session of its own
//   --directory DIR     of the store; on a tmpfs a sync costs nothing
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client-sdk/base/check.h"
#include "client-sdk/base/random.h"
#include "server/node/node.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/embedded/rocks_record_store.h"
#include "tests/sim/sim_frame.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"
#include "tests/support/temp_directory.h"

namespace rollcall::bench {
namespace {

struct Flags {
  size_t outstanding = 256;
  size_t batch = 1;
  size_t bytes = 300;
  size_t services = 1000;
  size_t instances = 200000;
  std::string directory = "/dev/shm/rollcall-node-bench";
};

double ProcessSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

class Bench {
 public:
  explicit Bench(const Flags& flags) : flags_(flags), log_({}, clock_, [](absl::string_view) {}) {
    store::RocksOptions options;
    options.directory = flags.directory;
    auto disk = store::RocksRecordStore::Open(std::move(options));
    ROLLCALL_CHECK(disk.ok(), "the disk opens");
    disk_ = *std::move(disk);
    auto store = store::EmbeddedStore::Open(*disk_, executor_, executor_, clock_, random_);
    ROLLCALL_CHECK(store.ok(), "the store opens");
    store_ = *std::move(store);
    node::Node::Options node;
    node.id = NodeId("node-1");
    node.ttl = {absl::Seconds(1), absl::Minutes(10), absl::Seconds(10)};
    node.describe = [](v1::GetStatusResponse&) {};
    node_ = std::make_unique<node::Node>(node::Node::Edges{.store = *store_,
                                                           .version_log = store_->version_log(),
                                                           .core = executor_,
                                                           .history = executor_,
                                                           .publishers = {&executor_},
                                                           .clock = clock_,
                                                           .random = random_,
                                                           .make_frame = sim::SimFrame::Make,
                                                           .log = log_},
                                         std::move(node));
    ROLLCALL_CHECK(node_->Start().ok(), "the node starts");
    executor_.RunReady();
  }

  void Run() {
    const double before = ProcessSeconds();
    while (registered_ < flags_.instances) {
      for (size_t i = 0; i < flags_.outstanding; ++i) Submit();
      executor_.RunReady();
    }
    const double took = ProcessSeconds() - before;
    ROLLCALL_CHECK(failed_ == 0, "every registration is taken");
    absl::PrintF("%d instances in batches of %d, %d outstanding: %.2f µs each\n", registered_,
                 flags_.batch, flags_.outstanding, took / static_cast<double>(registered_) * 1e6);
  }

 private:
  void Submit() {
    v1::RegisterRequest request;
    request.set_session_id(absl::StrFormat("%032x", ++sessions_));
    request.set_session_secret(std::string(32, 'a'));
    request.set_open(true);
    request.set_client_name("bench");
    for (size_t i = 0; i < flags_.batch; ++i) *request.add_instances() = Spec();
    rpc::Call call;
    call.deadline = clock_.Steady() + absl::Seconds(5);
    call.peer = "ipv4:127.0.0.1:1";
    node_->registry().Register(std::move(request), std::move(call),
                               [this](const absl::StatusOr<v1::RegisterResponse>& response) {
                                 if (!response.ok()) ++failed_;
                               });
  }
  v1::InstanceSpec Spec() {
    const size_t n = registered_++;
    v1::InstanceSpec spec;
    spec.set_service(absl::StrCat("bench-", n % flags_.services));
    spec.set_id(absl::StrCat("instance-", n));
    v1::Endpoint& endpoint = *spec.add_endpoints();
    endpoint.set_address("10.11.12.13");
    endpoint.set_port(8080);
    endpoint.set_protocol("grpc");
    spec.mutable_locality()->set_zone("zone-a");
    spec.set_version("1.2.3");
    (*spec.mutable_metadata())["team"] = std::string(flags_.bytes - 100, 'v');
    return spec;
  }

  const Flags flags_;
  testing::FakeClock clock_;
  testing::ManualExecutor executor_{clock_};
  base::SeededRandom random_{1};
  observe::Log log_;
  std::unique_ptr<store::RocksRecordStore> disk_;
  std::unique_ptr<store::EmbeddedStore> store_;
  std::unique_ptr<node::Node> node_;
  size_t sessions_ = 0;
  size_t registered_ = 0;
  size_t failed_ = 0;
};

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("What a registration costs a node, without gRPC");
  app.add_option("--outstanding", flags.outstanding, "Registrations at the same time")
      ->capture_default_str();
  app.add_option("--batch", flags.batch, "Instances of each")->capture_default_str();
  app.add_option("--bytes", flags.bytes, "Of an instance, about")
      ->capture_default_str()
      ->check(CLI::Range(100, 16000));
  app.add_option("--services", flags.services, "Among which they are spread")
      ->capture_default_str();
  app.add_option("--instances", flags.instances, "In all")->capture_default_str();
  app.add_option("--directory", flags.directory, "Of the store")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  Bench(flags).Run();
  return 0;
}

}  // namespace
}  // namespace rollcall::bench

int main(int argc, char** argv) { return rollcall::bench::Main(argc, argv); }
