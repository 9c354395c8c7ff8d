#include "tests/bench/sides/victim.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <thread>

#include "absl/strings/str_cat.h"
#include "rollcall/v1/registry.grpc.pb.h"
#include "tests/bench/load/population.h"
#include "tests/bench/load/rpc.h"
#include "tests/bench/sides/wire.h"
#include "tests/integration/support/stopping.h"

namespace rollcall::bench {

int BeVictim(const std::string& address, uint64_t mark, absl::Duration ttl) {
  const Channels channels = Connect(address, 1);
  v1::Registry::Stub stub(channels[0]);
  v1::RegisterRequest request = OpenRequest('v', mark, ttl);
  *request.add_instances() = Spec(kWatched, absl::StrCat("victim-", mark), kRecordBytes);
  v1::RegisterResponse registered;
  grpc::ClientContext registering;
  if (!stub.Register(&registering, request, &registered).ok()) return 1;

  grpc::ClientContext context;
  const auto stream = stub.KeepAlive(&context);
  v1::KeepAliveRequest message;
  message.mutable_open()->set_session_id(request.session_id());
  message.mutable_open()->set_session_secret(request.session_secret());
  v1::KeepAliveResponse answer;
  if (!stream->Write(message) || !stream->Read(&answer)) return 1;
  std::printf("registered.\n");
  std::fflush(stdout);
  std::thread reader([&] {
    while (stream->Read(&answer)) {
    }
  });
  const integration::Stopping never;
  for (uint64_t sequence = 1; !never.Within(ttl / 3); ++sequence) {
    message.mutable_beat()->set_sequence(sequence);
    message.mutable_beat()->set_want_ack(sequence % 3 == 0);
    if (!stream->Write(message)) break;
  }
  reader.join();
  return 0;
}

std::unique_ptr<integration::Process> LaunchVictim(const std::string& of,
                                                   const std::string& address, uint64_t mark,
                                                   absl::Duration ttl) {
  auto process = std::make_unique<integration::Process>(
      std::vector<std::string>{"/proc/self/exe", "--be-victim", of, address, absl::StrCat(mark),
                               absl::StrCat(absl::ToInt64Milliseconds(ttl))});
  process->AwaitOutput("registered.\n");
  return process;
}

}  // namespace rollcall::bench
