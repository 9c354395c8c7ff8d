// Uses every part of the SDK once, with no registry in reach: nothing may hang, throw or crash.
#include <rollcall/client.h>

#include <cstdio>
#include <utility>

int main() {
  rollcall::ClientOptions options;
  options.servers = {"127.0.0.1:1"};  // Nobody listens there.
  options.rpc_timeout = absl::Milliseconds(200);
  options.log = [](rollcall::LogLevel, const std::string&) {};
  auto client = rollcall::Client::Create(options);
  if (!client.ok()) return 1;

  rollcall::InstanceOptions instance;
  instance.service = "outside";
  instance.endpoints = {{.address = "127.0.0.1", .port = 8080}};
  instance.wait = absl::ZeroDuration();
  auto registration = (*client)->Register(instance);
  if (!registration.ok()) return 2;
  if (registration->status().state != rollcall::RegistrationState::kRetrying) return 3;

  auto subscription = (*client)->Watch("outside");
  if (!subscription.ok() || subscription->view() == nullptr) return 4;
  if (subscription->WaitForServing(1, absl::Milliseconds(50)).ok()) return 5;

  auto caller = (*client)->MakeCaller("outside");
  if (!caller.ok()) return 6;
  const absl::Status status =
      caller->Call([](const rollcall::Attempt&) { return absl::OkStatus(); });
  if (status.code() != absl::StatusCode::kUnavailable) return 7;

  auto picker = rollcall::Picker::Make(*subscription->view(), {});
  if (picker->Pick()) return 8;
  std::printf("%s\n", status.ToString().c_str());
  return 0;
}
