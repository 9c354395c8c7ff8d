// SimNode: a whole registry node under virtual time, on a disk in memory that survives it.
//
// It is what rollcalld runs but for gRPC, RocksDB and threads. Crash() ends it as SIGKILL and a
// loss of power do: nothing it still had to do is done, and only what was synced is on the disk.
// Start() opens the same disk again.
#pragma once

#include <functional>
#include <memory>

#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/node/node.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/testing/memory_record_store.h"
#include "tests/sim/self_beats.h"
#include "tests/sim/sim_frame.h"
#include "tests/sim/sim_server.h"
#include "tests/sim/tied_executor.h"
#include "tests/support/fake_clock.h"

namespace rollcall::sim {

class SimNode final : public SimServer {
 public:
  // Each finished line of the node's log.
  using LogSink = std::function<void(absl::string_view)>;

  SimNode(testing::FakeClock& clock, base::Executor& queue, uint64_t seed, LogSink log,
          absl::Duration resume_window = absl::Minutes(10))
      : clock_(clock),
        queue_(queue),
        random_(seed),
        log_sink_(std::move(log)),
        resume_window_(resume_window) {}
  ~SimNode() override { Crash(); }

  void Start() {
    disk_.Reopen();
    process_ = std::make_unique<Process>(*this);
    ROLLCALL_CHECK(process_->node->Start().ok(), "the node starts");
    process_->beats = std::make_unique<SelfBeats>(*process_->node, process_->executor, clock_);
  }
  void Crash() {
    if (!up()) return;
    disk_.Crash();
    TellCrash();
    process_ = nullptr;
  }
  bool up() const override { return process_ != nullptr; }
  node::Node& node() override { return *process_->node; }
  base::Executor& executor() override { return process_->executor; }
  store::MemoryRecordStore& disk() { return disk_; }
  // As a disk that is stuck: what is written waits until it goes on, or until the node's end.
  void SetDiskStuck(bool stuck) {
    if (up()) process_->writer.SetFrozen(stuck);
  }

 private:
  // What dies together.
  struct Process {
    explicit Process(SimNode& owner)
        : sim(owner),
          executor(owner.queue_),
          writer(owner.queue_),
          log({}, owner.clock_, [&owner](absl::string_view l) { owner.log_sink_(l); }) {
      auto opened =
          store::EmbeddedStore::Open(sim.disk_, writer, executor, sim.clock_, sim.random_);
      ROLLCALL_CHECK(opened.ok(), "the store opens");
      store = *std::move(opened);
      node::Node::Options options;
      options.id = NodeId("node-1");
      options.ttl = {absl::Seconds(1), absl::Minutes(10), absl::Seconds(10)};
      options.resume_window = sim.resume_window_;
      options.describe = [](v1::GetStatusResponse&) {};
      node = std::make_unique<node::Node>(node::Node::Edges{.store = *store,
                                                            .version_log = store->version_log(),
                                                            .core = executor,
                                                            .history = executor,
                                                            .publishers = {&executor},
                                                            .clock = sim.clock_,
                                                            .random = sim.random_,
                                                            .make_frame = SimFrame::Make,
                                                            .log = log},
                                          std::move(options));
    }

    SimNode& sim;
    TiedExecutor executor;
    TiedExecutor writer;
    observe::Log log;
    std::unique_ptr<store::EmbeddedStore> store;
    std::unique_ptr<node::Node> node;
    std::unique_ptr<SelfBeats> beats;
  };

  testing::FakeClock& clock_;
  base::Executor& queue_;
  base::SeededRandom random_;
  const LogSink log_sink_;
  const absl::Duration resume_window_;
  store::MemoryRecordStore disk_;
  std::unique_ptr<Process> process_;
};

}  // namespace rollcall::sim
