#include "examples/shop/demo/write_probe.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "rollcall/v1/registry.grpc.pb.h"

namespace shop::demo {
namespace {

namespace v1 = rollcall::v1;

constexpr auto kBetween = std::chrono::milliseconds(20);
constexpr auto kDeadline = std::chrono::seconds(2);

v1::RegisterRequest RequestOf(const std::string& version) {
  v1::RegisterRequest request;
  v1::InstanceSpec& spec = *request.add_instances();
  spec.set_service("probe");
  spec.set_id("probe-1");
  spec.set_version(version);
  spec.set_lifetime(v1::LIFETIME_STATIC);
  v1::Endpoint& endpoint = *spec.add_endpoints();
  endpoint.set_name("none");
  endpoint.set_address("127.0.0.1");
  endpoint.set_port(1);
  return request;
}

}  // namespace

WriteProbe::WriteProbe(const std::vector<std::string>& servers)
    : thread_([this, servers] { Run(servers); }) {}

WriteProbe::~WriteProbe() { Stop(); }

void WriteProbe::Stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void WriteProbe::Run(const std::vector<std::string>& servers) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  std::vector<std::unique_ptr<v1::Registry::Stub>> stubs;
  stubs.reserve(servers.size());
  for (const std::string& server : servers) {
    stubs.push_back(v1::Registry::NewStub(
        grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments)));
  }
  size_t server = 0;
  for (uint64_t n = 1; !stop_; ++n) {
    const std::string version = absl::StrCat("v", n);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    v1::RegisterResponse response;
    const Moment asked = Now();
    const grpc::Status status = stubs[server]->Register(&context, RequestOf(version), &response);
    const Moment answered = Now();
    {
      rollcall::base::MutexLock lock(mu_);
      if (status.ok()) {
        acknowledged_.push_back(answered);
        last_acknowledged_ = n;
      } else {
        refusals_.push_back({answered, Between(asked, answered)});
      }
    }
    if (!status.ok()) server = (server + 1) % stubs.size();
    std::this_thread::sleep_for(kBetween);
  }
}

absl::Duration WriteProbe::LongestPause(Moment from, Moment to) const {
  rollcall::base::MutexLock lock(mu_);
  absl::Duration longest;
  Moment last = from;
  for (const Moment at : acknowledged_) {
    if (at < from) continue;
    const Moment end = std::min(at, to);
    longest = std::max(longest, Between(last, end));
    last = end;
    if (at >= to) return longest;
  }
  return std::max(longest, Between(last, to));
}

absl::Duration WriteProbe::LongestRefusal(Moment from, Moment to) const {
  rollcall::base::MutexLock lock(mu_);
  absl::Duration longest;
  for (const Refusal& refusal : refusals_) {
    if (from <= refusal.at && refusal.at <= to) longest = std::max(longest, refusal.took);
  }
  return longest;
}

uint64_t WriteProbe::acknowledged() const {
  rollcall::base::MutexLock lock(mu_);
  return acknowledged_.size();
}

uint64_t WriteProbe::refused() const {
  rollcall::base::MutexLock lock(mu_);
  return refusals_.size();
}

bool WriteProbe::IsAsNew(const std::string& version) const {
  absl::string_view number = version;
  uint64_t n = 0;
  if (!absl::ConsumePrefix(&number, "v") || !absl::SimpleAtoi(number, &n)) return false;
  rollcall::base::MutexLock lock(mu_);
  return n >= last_acknowledged_;
}

}  // namespace shop::demo
