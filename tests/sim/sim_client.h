// SimClient: a process that uses the real SDK core: registers, watches, calls, and may die. What it
// watches it calls by one Caller, that lives as long as it does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "client-sdk/src/caller_core.h"
#include "client-sdk/src/core.h"
#include "rollcall/call.h"
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
      : name_(name),
        executor_(std::make_shared<TiedExecutor>(queue)),
        random_(seed),
        caller_options_(CallerOptionsFor(seed)),
        caller_seed_(seed + 2000),
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
    // Another for each process, so that it is seen who is meant.
    options.endpoints = {{.address = absl::StrReplaceAll(name_, {{"/", "-"}}), .port = 80}};
    auto handle = core_->Register(std::move(options));
    ROLLCALL_CHECK(handle.ok(), "the registration begins");
    registrations_.push_back(*std::move(handle));
  }
  void Watch(const std::string& service) {
    cell_ = core_->Watch(service, {});
    caller_ = std::make_unique<Caller>(
        Subscription(cell_),
        std::make_shared<sdk::CallerCore>(gate_, cell_, caller_options_, caller_seed_));
  }

  // Of the instance that it registered, at its owner's wish.
  void SetWeight(uint32_t weight) {
    const auto& handle = registrations_.at(0);
    if (handle->final()) return;
    gate_->Post([handle, weight](sdk::Core& core) {
      core.registrar().Change(*handle, [weight](v1::InstanceSpec& s) { s.set_weight(weight); });
    });
  }

  // SIGTERM: it drains, deregisters and ends. `done` may destroy nothing of it.
  void Stop(std::function<void()> done) {
    executor_->Post([this, done = std::move(done)]() mutable {
      if (alive()) core_->Stop(std::move(done));
    });
  }
  // SIGSTOP and SIGCONT.
  void SetFrozen(bool frozen) {
    stops_ += frozen;
    executor_->SetFrozen(frozen);
  }
  bool frozen() const { return executor_->frozen(); }
  // Of the instance that it registered.
  const std::string& id() const { return registrations_.at(0)->id; }
  // How often it was stopped.
  int stops() const { return stops_; }
  // SIGKILL.
  void Die() {
    transport_.Die();
    // What the core still sends on its way out reaches nobody.
    registrations_.clear();
    core_ = nullptr;
    caller_ = nullptr;
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
  // While it is alive and watches.
  const Caller& caller() const { return *caller_; }
  const CallerOptions& caller_options() const { return caller_options_; }
  base::Executor& executor() { return *executor_; }
  SimTransport& transport() { return transport_; }
  bool verified() const { return cell_->view()->verified(); }
  RegistrationStatus registration() const { return registrations_.at(0)->status(); }
  base::Instant last_beat() const { return transport_.last_beat(); }

 private:
  // Of each kind some; retries beside those that calls pay for are few, so that budgets run out.
  static CallerOptions CallerOptionsFor(uint64_t seed) {
    CallerOptions options;
    options.picker.policy = static_cast<PickPolicy>(seed % 4);
    if (seed / 4 % 2 == 0) options.retriable.push_back(absl::StatusCode::kDeadlineExceeded);
    options.budget.always_per_second = static_cast<int>(seed / 8 % 2);
    return options;
  }

  const std::string name_;
  const std::shared_ptr<TiedExecutor> executor_;
  base::SeededRandom random_;
  const CallerOptions caller_options_;
  const uint64_t caller_seed_;
  SimTransport transport_;
  std::shared_ptr<sdk::Gate> gate_;
  std::unique_ptr<sdk::Core> core_;
  std::shared_ptr<sdk::SubscriptionCell> cell_;
  std::unique_ptr<Caller> caller_;
  int stops_ = 0;
  std::vector<std::shared_ptr<sdk::RegistrationHandle>> registrations_;
};

}  // namespace rollcall::sim
