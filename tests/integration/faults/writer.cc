#include "tests/integration/faults/writer.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::integration {

Writer::Writer(std::string name, std::vector<std::string> servers, uint64_t seed,
               Recorder& recorder)
    : name_(std::move(name)), recorder_(recorder), random_(seed) {
  ClientOptions options;
  options.servers = std::move(servers);
  options.client_name = name_;
  options.session_ttl = kTtl;
  options.log = [](LogLevel, const std::string&) {};
  auto client = Client::Create(std::move(options));
  if (!client.ok()) Fail(client.status().ToString());
  client_ = *std::move(client);
  for (size_t i = 0; i < kSteady; ++i) kept_.push_back(Register(absl::StrCat(name_, "-", next_++)));
  thread_ = std::thread([this] { Run(); });
}

void Writer::Stop() {
  stopping_.Stop();
  if (thread_.joinable()) thread_.join();
}

rollcall::Registration Writer::Register(const std::string& id) {
  InstanceOptions options;
  options.service = kService;
  options.id = id;
  options.endpoints = {{.address = "127.0.0.1", .port = 80}};
  options.wait = kAnswerLimit;
  options.must_succeed = false;
  options.drain_time = absl::ZeroDuration();
  options.on_change = [&recorder = recorder_, id](const RegistrationStatus& status) {
    if (status.state == RegistrationState::kRegistered) {
      recorder.Acknowledged(id, status.lease_epoch);
    }
  };
  recorder_.Asked(id);
  const Stopwatch watch;
  auto registration = client_->Register(std::move(options));
  recorder_.Took(watch.elapsed());
  if (registration.ok()) return *std::move(registration);
  return rollcall::Registration();
}

void Writer::Run() {
  while (!stopping_.stopped()) {
    ComeAndGo();
    stopping_.Within(random_.Between(absl::Milliseconds(2), absl::Milliseconds(60)));
  }
}

void Writer::ComeAndGo() {
  const std::string id = absl::StrCat(name_, "-", next_++);
  rollcall::Registration registration = Register(id);
  if (kept_.size() < kSteady + kMostKept) {
    kept_.push_back(std::move(registration));
    return;
  }
  // Or one that has been there for long, in its place.
  if (random_.Below(2) == 0) {
    const size_t old = kSteady + random_.Below(kMostKept);
    std::swap(kept_[old], registration);
  }
  const std::string going = registration.instance_id();
  if (going.empty()) return;
  recorder_.Ending(going);
  if (registration.Deregister().ok()) recorder_.Ended(going);
}

}  // namespace rollcall::integration
