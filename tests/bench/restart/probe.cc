#include "tests/bench/restart/probe.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "rollcall/v1/operations.grpc.pb.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(2);
// How often a node that is not there yet is tried.
constexpr int kReconnectMs = 5;

}  // namespace

Probe::Probe(const std::string& address) : thread_([this, address] { Ask(address); }) {}

void Probe::Stop() {
  stopping_.Stop();
  if (thread_.joinable()) thread_.join();
}

// GetStatus is answered on the thread that applies what the store tells.
void Probe::Ask(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMs);
  v1::Operations::Stub stub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  const integration::Stopwatch since_start;
  while (!stopping_.Within(kPause)) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    v1::GetStatusResponse response;
    const integration::Stopwatch watch;
    if (!stub.GetStatus(&context, {}, &response).ok()) continue;
    if (first_ == absl::InfiniteDuration()) {
      first_ = since_start.elapsed();
    } else {
      longest_ = std::max(longest_, watch.elapsed());
    }
  }
}

}  // namespace rollcall::bench
