// call SERVICE CALLS: connects to instances of a service and counts where the calls went.
//
// Shows: a Caller with a policy, one deadline, retries and setting aside; the call itself is a bare
// TCP connect, where yours would be an RPC.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <rollcall/client.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace {

absl::Status Connect(const rollcall::Attempt& attempt) {
  const rollcall::Endpoint* endpoint = attempt.instance->FindEndpoint();
  if (endpoint == nullptr) return absl::UnavailableError("it has no endpoint");
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const timeval limit = absl::ToTimeval(attempt.timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint->port);
  inet_pton(AF_INET, endpoint->address.c_str(), &address.sin_addr);
  const int result = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  close(fd);
  return result == 0 ? absl::OkStatus() : absl::UnavailableError(endpoint->Target());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: call SERVICE CALLS\n");
    return 2;
  }
  rollcall::ClientOptions options;
  if (const char* server = std::getenv("ROLLCALL_SERVER")) options.servers = {server};
  auto client = rollcall::Client::Create(options);
  if (!client.ok()) return 2;

  rollcall::CallerOptions calls;
  calls.picker.policy = rollcall::PickPolicy::kLeastOutstanding;
  calls.timeout = absl::Seconds(1);
  calls.max_attempts = 3;
  auto caller = (*client)->MakeCaller(argv[1], calls);
  if (!caller.ok()) return 2;
  if (!caller->subscription().WaitForServing(1, absl::Seconds(5)).ok()) return 3;

  std::map<std::string, int> answered;
  int failed = 0;
  for (int i = std::atoi(argv[2]); i > 0; --i) {
    const absl::Status status = caller->Call([&](const rollcall::Attempt& attempt) {
      absl::Status answer = Connect(attempt);
      if (answer.ok()) ++answered[attempt.instance->id];
      return answer;
    });
    if (!status.ok()) ++failed;
  }
  for (const auto& [id, count] : answered) std::printf("%s %d\n", id.c_str(), count);
  std::printf("failed %d\n", failed);
  return failed == 0 ? 0 : 1;
}
