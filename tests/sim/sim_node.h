// SimNode: a whole registry node under virtual time, on a disk in memory that survives it.
//
// It is what rollcalld runs but for gRPC, RocksDB and threads. Crash() ends it as SIGKILL and a
// loss of power do: nothing it still had to do is done, and only what was synced is on the disk.
// Start() opens the same disk again.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client-sdk/base/random.h"
#include "server/health/keep_alive_protocol.h"
#include "server/node/node.h"
#include "server/store/embedded/embedded_store.h"
#include "server/store/testing/memory_record_store.h"
#include "tests/sim/sim_frame.h"
#include "tests/sim/tied_executor.h"
#include "tests/support/fake_clock.h"
#include "tests/support/manual_executor.h"

namespace rollcall::sim {

class SimNode {
 public:
  // Each finished line of the node's log.
  using LogSink = std::function<void(absl::string_view)>;

  SimNode(testing::FakeClock& clock, testing::ManualExecutor& queue, uint64_t seed, LogSink log,
          absl::Duration resume_window = absl::Minutes(10))
      : clock_(clock),
        queue_(queue),
        random_(seed),
        log_sink_(std::move(log)),
        resume_window_(resume_window) {}
  ~SimNode() { Crash(); }

  void Start() {
    disk_.Reopen();
    process_ = std::make_unique<Process>(*this);
    ROLLCALL_CHECK(process_->node->Start().ok(), "the node starts");
    process_->StartSelfBeat();
  }
  void Crash() {
    if (!up()) return;
    disk_.Crash();
    for (const auto& hook : on_crash_) hook();
    process_ = nullptr;
  }
  bool up() const { return process_ != nullptr; }
  node::Node& node() { return *process_->node; }
  // Where what clients send arrives; gone when the node is.
  base::Executor& executor() { return process_->executor; }
  store::MemoryRecordStore& disk() { return disk_; }
  // Called before the node is gone, for those who hold something of it.
  void OnCrash(std::function<void()> hook) { on_crash_.push_back(std::move(hook)); }
  // A stopped self-beat is what a starved or frozen node is to itself.
  void SetSelfBeat(bool on) { self_beat_ = on; }

 private:
  struct SelfStream final : health::SessionStream {
    void Send(v1::KeepAliveResponse) override {}
    void Close(absl::Status) override {}
    const std::string& peer() const override { return name; }
    const std::string name = "self";
  };
  // What dies together.
  struct Process {
    explicit Process(SimNode& owner)
        : sim(owner),
          executor(owner.queue_),
          log({}, owner.clock_, [&owner](absl::string_view l) { owner.log_sink_(l); }) {
      auto opened =
          store::EmbeddedStore::Open(sim.disk_, executor, executor, sim.clock_, sim.random_);
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
    void StartSelfBeat() {
      self = std::make_unique<health::KeepAliveProtocol>(node->sessions(),
                                                         std::make_shared<SelfStream>());
      v1::KeepAliveRequest message;
      message.mutable_open()->set_session_id(node->sessions().node_session_id().value());
      message.mutable_open()->set_session_secret(node->sessions().node_session_secret());
      self->OnMessage(message);
      SelfBeat();
    }
    void SelfBeat() {
      v1::KeepAliveRequest message;
      message.mutable_beat()->set_sequence(++beats);
      if (sim.self_beat_) self->OnMessage(message);
      executor.PostAt(sim.clock_.Steady() + health::NodeSession::kBeatInterval,
                      [this] { SelfBeat(); });
    }

    SimNode& sim;
    TiedExecutor executor;
    observe::Log log;
    std::unique_ptr<store::EmbeddedStore> store;
    std::unique_ptr<node::Node> node;
    std::unique_ptr<health::KeepAliveProtocol> self;
    uint64_t beats = 0;
  };

  testing::FakeClock& clock_;
  testing::ManualExecutor& queue_;
  base::SeededRandom random_;
  const LogSink log_sink_;
  const absl::Duration resume_window_;
  store::MemoryRecordStore disk_;
  std::vector<std::function<void()>> on_crash_;
  bool self_beat_ = true;
  std::unique_ptr<Process> process_;
};

}  // namespace rollcall::sim
