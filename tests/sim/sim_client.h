// SimClient: a process that uses the real SDK core: registers, watches, and may die.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/src/core.h"
#include "tests/sim/sim_transport.h"
#include "tests/sim/tied_executor.h"
#include "tests/support/fake_clock.h"

namespace rollcall::sim {

class SimClient {
 public:
  using Log = std::function<void(const std::string& text)>;

  // Knows all servers of the network from the beginning.
  SimClient(const SimNetwork& network, std::shared_ptr<testing::FakeClock> clock,
            base::Executor& queue, std::string name, uint64_t seed, Delays delays,
            SimTransport::OnWatch on_watch, Log log = nullptr)
      : executor_(std::make_shared<TiedExecutor>(queue)),
        random_(seed),
        transport_(network, queue, *executor_, *clock, seed + 1000, delays, name,
                   std::move(on_watch)) {
    ClientOptions options;
    for (const auto& [address, server] : network) options.servers.push_back(address);
    options.client_name = std::move(name);
    options.log = [log = std::move(log)](LogLevel, const std::string& text) {
      if (log) log(text);
    };
    gate_ = std::make_shared<sdk::Gate>(clock, executor_);
    core_ = std::make_unique<sdk::Core>(options, gate_, random_, transport_, nullptr);
  }

  void Register(const std::string& service, const std::string& id, const std::string& zone = "",
                std::function<void(const RegistrationStatus&)> on_change = nullptr) {
    InstanceOptions options;
    options.service = service;
    options.id = id;
    options.locality = Locality{.zone = zone};
    options.on_change = std::move(on_change);
    options.endpoints = {{.address = "10.0.0.1", .port = 80}};
    auto handle = core_->Register(std::move(options));
    ROLLCALL_CHECK(handle.ok(), "the registration begins");
    registrations_.push_back(*std::move(handle));
  }
  void Watch(const std::string& service) { cell_ = core_->Watch(service, {}); }

  // SIGTERM: it drains, deregisters and ends. `done` may destroy nothing of it.
  void Stop(std::function<void()> done) {
    executor_->Post([this, done = std::move(done)]() mutable {
      if (alive()) core_->Stop(std::move(done));
    });
  }
  // SIGSTOP and SIGCONT.
  void SetFrozen(bool frozen) { executor_->SetFrozen(frozen); }
  bool frozen() const { return executor_->frozen(); }
  // SIGKILL.
  void Die() {
    transport_.Die();
    // What the core still sends on its way out reaches nobody.
    registrations_.clear();
    core_ = nullptr;
  }

  bool alive() const { return core_ != nullptr; }
  // "a:PASSING b:SUSPECT"
  std::string View() const {
    std::string view;
    const ViewPtr now = cell_->view();
    for (const InstancePtr& instance : now->instances()) {
      if (!view.empty()) view += " ";
      view += instance->id + ":" + StandingName(instance->standing);
    }
    return view;
  }
  ViewPtr view() const { return cell_->view(); }
  bool watches() const { return cell_ != nullptr; }
  bool registers() const { return !registrations_.empty(); }
  SimTransport& transport() { return transport_; }
  bool verified() const { return cell_->view()->verified(); }
  RegistrationStatus registration() const { return registrations_.at(0)->status(); }
  base::Instant last_beat() const { return transport_.last_beat(); }

 private:
  const std::shared_ptr<TiedExecutor> executor_;
  base::SeededRandom random_;
  SimTransport transport_;
  std::shared_ptr<sdk::Gate> gate_;
  std::unique_ptr<sdk::Core> core_;
  std::shared_ptr<sdk::SubscriptionCell> cell_;
  std::vector<std::shared_ptr<sdk::RegistrationHandle>> registrations_;
};

}  // namespace rollcall::sim
