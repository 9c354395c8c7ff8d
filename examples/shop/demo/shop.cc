#include "examples/shop/demo/shop.h"

#include <csignal>
#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "client-sdk/base/status_macros.h"
#include "examples/shop/demo/moment.h"
#include "nlohmann/json.hpp"

namespace shop::demo {
namespace {

using nlohmann::json;

constexpr absl::Duration kStartLimit = absl::Seconds(10);
constexpr absl::Duration kStopLimit = absl::Seconds(10);
constexpr char kGatewayId[] = "gateway-1";

// The registry's ready file, or null while there is none.
json ReadReadyFile(const std::string& path) {
  std::ifstream file(path);
  return file ? json::parse(file, nullptr, /*allow_exceptions=*/false) : json();
}

}  // namespace

std::string Shop::LogOf(const std::string& name) const {
  return absl::StrCat(directory_, "/", name, ".log");
}

absl::StatusOr<std::unique_ptr<Child>> Shop::Start(const std::string& program,
                                                   const std::vector<std::string>& arguments,
                                                   const std::string& name, Child::OnLine on_line) {
  std::vector<std::string> command = {absl::StrCat(programs_, "/", program)};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return Child::Start(command, LogOf(name), std::move(on_line));
}

absl::Status Shop::StartRegistryOnce(const std::string& listen) {
  const std::string ready_file = absl::StrCat(directory_, "/ready.json");
  // A killed registry leaves it behind.
  std::remove(ready_file.c_str());
  ASSIGN_OR_RETURN(registry_, Start("rollcalld",
                                    {"--data", absl::StrCat(directory_, "/data"), "--listen",
                                     listen, "--http", "127.0.0.1:0", "--ready-file", ready_file},
                                    "registry"));
  const Moment end = Now() + absl::ToChronoNanoseconds(kStartLimit);
  while (registry_->Running()) {
    const json ready = ReadReadyFile(ready_file);
    if (ready.is_object()) {
      registry_address_ = ready.at("grpc_address");
      return absl::OkStatus();
    }
    if (Now() > end) return absl::DeadlineExceededError("the registry did not become ready");
    Sleep(absl::Milliseconds(5));
  }
  return absl::UnavailableError(
      absl::StrCat("the registry ended while starting; see ", LogOf("registry")));
}

absl::Status Shop::StartRegistry() {
  if (!registry_address_.empty()) {
    // While it was away another process may have been given its port for a connection of its own,
    // for a moment; so more than one try.
    for (int i = 0; i < 5; ++i) {
      if (StartRegistryOnce(registry_address_).ok()) return absl::OkStatus();
      Sleep(absl::Milliseconds(200));
    }
    return StartRegistryOnce(registry_address_);
  }
  RETURN_IF_ERROR(StartRegistryOnce("127.0.0.1:0"));
  UseRegistry(registry_address_);
  return absl::OkStatus();
}

void Shop::UseRegistry(const std::string& servers) {
  registry_address_ = servers;
  rollcall_ = std::make_unique<CommandLine>(absl::StrCat(programs_, "/rollcall"), servers,
                                            LogOf("rollcall"));
}

void Shop::KillRegistry() { registry_.reset(); }

absl::Status Shop::StartWatch() {
  ASSIGN_OR_RETURN(watch_, Child::Start(rollcall_->Command({"-o", "json", "watch"}), LogOf("watch"),
                                        [this](const std::string& line, Moment read) {
                                          changes_.Take(line, read);
                                        }));
  return absl::OkStatus();
}

absl::Status Shop::StartInstance(const InstancePlan& plan) {
  const Moment start = Now();
  ASSIGN_OR_RETURN(
      instances_[plan.id],
      Start(absl::StrCat("shop_", plan.service),
            {"--id", plan.id, "--weight", absl::StrCat(plan.weight), "--zone", plan.zone,
             "--registry", registry_address_, "--ttl", absl::FormatDuration(ttl_)},
            plan.id));
  return changes_.Await(plan.id, "PASSING", start, kStartLimit).status();
}

absl::Status Shop::StartGateway() {
  const Moment start = Now();
  ASSIGN_OR_RETURN(
      instances_[kGatewayId],
      Start("shop_gateway",
            {"--id", kGatewayId, "--port", "0", "--registry", registry_address_, "--ttl",
             absl::FormatDuration(ttl_), "--cache", absl::StrCat(directory_, "/cache")},
            kGatewayId));
  return changes_.Await(kGatewayId, "PASSING", start, kStartLimit).status();
}

absl::Status Shop::StartCaller(int calls_per_second) {
  ASSIGN_OR_RETURN(caller_, SteadyCaller::Start(absl::StrCat(programs_, "/shop_load"),
                                                gateway_url(), calls_per_second, LogOf("load")));
  return absl::OkStatus();
}

std::string Shop::gateway_url() const {
  return absl::StrCat("http://", changes_.AddressOf(kGatewayId));
}

void Shop::Signal(const std::string& id, int signal) {
  if (const auto found = instances_.find(id); found != instances_.end()) {
    found->second->Signal(signal);
  }
}

std::vector<std::string> Shop::Close() {
  std::vector<std::string> ended_badly;
  const auto await_end = [&](const std::string& name, Child& child) {
    child.WaitForEnd(kStopLimit);
    const std::string ending = child.Ending();
    if (ending != "exit status 0") ended_badly.push_back(absl::StrCat(name, ": ", ending));
  };
  for (auto& [id, instance] : instances_) instance->Signal(SIGTERM);
  for (auto& [id, instance] : instances_) await_end(id, *instance);
  if (registry_ != nullptr) {
    registry_->Signal(SIGTERM);
    await_end("rollcalld", *registry_);
  }
  return ended_badly;
}

}  // namespace shop::demo
