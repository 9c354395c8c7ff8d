// The shortest useful program: be found, and call others.
#include <rollcall/client.h>

#include <cstdio>

int main() {
  auto client = rollcall::Client::Create({.servers = {"127.0.0.1:7400"}});
  if (!client.ok()) return 1;
  // Registered, kept alive and repaired for as long as `self` lives; drained when it goes.
  auto self = (*client)->Register(
      {.service = "orders", .endpoints = {{.address = "127.0.0.1", .port = 9000}}});
  // Picks an instance by weight, retries on another, sets failing ones aside.
  auto users = (*client)->MakeCaller("users");
  if (!self.ok() || !users.ok()) return 1;
  const absl::Status status = users->Call([](const rollcall::Attempt& attempt) {
    std::printf("calling %s\n", attempt.instance->Target().c_str());  // Your call goes here,
    return absl::OkStatus();  // to be over within attempt.timeout.
  });
  return status.ok() ? 0 : 1;
}
