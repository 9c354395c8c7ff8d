#include "tests/bench/load/rpc.h"

#include "absl/time/clock.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {

Channels Connect(const std::string& address, int connections) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  Channels channels;
  for (int i = 0; i < connections; ++i) {
    channels.push_back(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
    channels.back()->GetState(/*try_to_connect=*/true);
  }
  const auto limit = absl::ToChronoTime(absl::Now() + integration::kSoon);
  for (const auto& channel : channels) {
    if (!channel->WaitForConnected(limit)) integration::Fail("cannot connect to " + address);
  }
  return channels;
}

}  // namespace rollcall::bench
