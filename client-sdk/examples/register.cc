// register SERVICE HOST PORT [ID]: registers an instance until interrupted.
//
// Shows: readiness, status, and the order of a clean shutdown.
#include <rollcall/client.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: register SERVICE HOST PORT [ID]\n");
    return 2;
  }
  // Before any thread is made, so that only sigwait sees the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  rollcall::ClientOptions options;
  if (const char* server = std::getenv("ROLLCALL_SERVER")) options.servers = {server};
  auto client = rollcall::Client::Create(options);
  if (!client.ok()) {
    std::fprintf(stderr, "%s\n", client.status().ToString().c_str());
    return 2;
  }

  rollcall::InstanceOptions instance;
  instance.service = argv[1];
  instance.endpoints = {{.address = argv[2], .port = static_cast<uint16_t>(std::atoi(argv[3]))}};
  if (argc > 4) instance.id = argv[4];
  instance.start_unready = true;  // Known, but not called yet.
  instance.on_change = [](const rollcall::RegistrationStatus& status) {
    if (status.state == rollcall::RegistrationState::kSuperseded) {
      std::fprintf(stderr, "another process runs as this instance now\n");
    }
  };
  auto registration = (*client)->Register(std::move(instance));
  if (!registration.ok()) {
    std::fprintf(stderr, "%s\n", registration.status().ToString().c_str());
    return 3;
  }
  // ... warm up, open the port ...
  if (!registration->SetReady().ok()) return 1;
  std::printf("registered %s\n", registration->instance_id().c_str());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  registration->Drain();  // Callers leave.
  // ... finish what is in hand ...
  const absl::Status status = registration->Deregister();
  std::printf("deregistered: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
