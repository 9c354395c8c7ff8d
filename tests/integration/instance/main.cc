// A service as the tests need it: registers one instance through the SDK, says on stdout what
// becomes of it, and stays until SIGTERM.
//
// integration_instance SERVER[,SERVER…] SERVICE ID TTL [ZONE]
#include <signal.h>

#include <iostream>
#include <string>

#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "rollcall/client.h"

namespace {

const char* Word(rollcall::RegistrationState state) {
  switch (state) {
    case rollcall::RegistrationState::kRetrying:
      return "retrying";
    case rollcall::RegistrationState::kRegistered:
      return "registered";
    case rollcall::RegistrationState::kSuperseded:
      return "superseded";
    case rollcall::RegistrationState::kEnded:
      return "ended";
  }
  return "unknown";
}

int Usage() {
  std::cerr << "usage: integration_instance SERVER[,SERVER…] SERVICE ID TTL [ZONE]\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  // Before there is any other thread: they all inherit it, so only sigwait sees it.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  absl::Duration ttl;
  if (argc < 5 || !absl::ParseDuration(argv[4], &ttl)) return Usage();
  rollcall::ClientOptions client_options;
  client_options.servers = absl::StrSplit(argv[1], ',');
  client_options.client_name = argv[3];
  auto client = rollcall::Client::Create(client_options);
  if (!client.ok()) {
    std::cerr << client.status() << "\n";
    return 1;
  }
  rollcall::InstanceOptions options;
  options.service = argv[2];
  options.id = argv[3];
  options.ttl = ttl;
  options.wait = absl::Minutes(1);
  rollcall::Endpoint endpoint;
  endpoint.address = "127.0.0.1";
  endpoint.port = 9000;
  options.endpoints = {endpoint};
  if (argc > 5) options.locality = rollcall::Locality{"", argv[5], ""};
  options.on_change = [](const rollcall::RegistrationStatus& status) {
    // One write per line, whole, so that the reader can wait for it.
    std::cout << Word(status.state) + std::string(" epoch=") + std::to_string(status.lease_epoch) +
                     "\n"
              << std::flush;
  };
  auto registration = (*client)->Register(options);
  if (!registration.ok()) {
    std::cerr << registration.status() << "\n";
    return 1;
  }
  int signal = 0;
  sigwait(&stop, &signal);
  return 0;
}
