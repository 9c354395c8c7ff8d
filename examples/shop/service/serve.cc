#include "examples/shop/service/serve.h"

#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "examples/shop/common/flags.h"
#include "examples/shop/common/stop_signals.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "rollcall/client.h"

namespace shop {
namespace {

struct ServeOptions {
  // The name under which callers look for it.
  std::string service;
  // Tells the instances apart, and stays the same over restarts.
  std::string id;
  std::string zone;
  uint32_t weight = 100;
  // Where it listens and what it tells callers.
  std::string host = "127.0.0.1";
  // 0: a free one. Callers learn it from the registry.
  uint16_t port = 0;
  std::string registry = "127.0.0.1:7400";
  // How long the registry waits for a silent instance before it removes it.
  absl::Duration ttl = absl::Seconds(10);
};

// Null if the port is taken; `port` becomes the one that was bound.
std::unique_ptr<grpc::Server> Listen(const ServeOptions& options, grpc::Service& service,
                                     int& port) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat(options.host, ":", options.port),
                           grpc::InsecureServerCredentials(), &port);
  // Without this a second process could listen on the same port, and nobody would notice.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.RegisterService(&service);
  return builder.BuildAndStart();
}

absl::StatusOr<std::unique_ptr<rollcall::Client>> MakeClient(const ServeOptions& options) {
  rollcall::ClientOptions client;
  client.servers = absl::StrSplit(options.registry, ',');
  client.client_name = options.id;
  client.locality.zone = options.zone;
  client.session_ttl = options.ttl;
  return rollcall::Client::Create(std::move(client));
}

absl::StatusOr<rollcall::Registration> Register(rollcall::Client& client,
                                                const ServeOptions& options, int port) {
  rollcall::InstanceOptions instance;
  instance.service = options.service;
  instance.id = options.id;
  instance.endpoints = {{.name = "grpc",
                         .address = options.host,
                         .port = static_cast<uint16_t>(port),
                         .protocol = "grpc"}};
  instance.weight = options.weight;
  // Better to start without a registry, and be registered once it is there, than not at all.
  instance.must_succeed = false;
  return client.Register(std::move(instance));
}

int Fail(const std::string& what) {
  std::cerr << what << "\n";
  return 1;
}

void AddFlags(CLI::App& app, ServeOptions& options) {
  app.add_option("--id", options.id, "This instance's id")->required();
  app.add_option("--weight", options.weight, "Share of the calls, relative to the others")
      ->capture_default_str();
  app.add_option("--zone", options.zone, "Where it runs");
  app.add_option("--host", options.host, "Address to listen on")->capture_default_str();
  app.add_option("--port", options.port, "Port to listen on; 0: a free one")->capture_default_str();
  AddRegistry(app, options.registry);
  AddDuration(app, "--ttl", options.ttl, "The registry removes it after so much silence");
}

int Serve(const ServeOptions& options, grpc::Service& service) {
  const StopSignals stop;
  int port = 0;
  const auto server = Listen(options, service, port);
  if (server == nullptr) {
    return Fail(absl::StrCat("cannot listen on ", options.host, ":", options.port));
  }
  // Registered only now that it can answer.
  auto client = MakeClient(options);
  if (!client.ok()) return Fail(client.status().ToString());
  auto registration = Register(**client, options, port);
  if (!registration.ok()) return Fail(registration.status().ToString());
  std::cout << options.id << " serves " << options.service << " on " << options.host << ":" << port
            << std::endl;

  stop.Wait();
  // Callers first leave, then it goes: it serves until it is deregistered, half a second after it
  // has told them, and then finishes the calls in hand.
  const absl::Status left = registration->Deregister();
  if (!left.ok()) std::cerr << "left without a goodbye: " << left << "\n";
  server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
  return 0;
}

}  // namespace

int ServeMain(int argc, char** argv, const std::string& name, const MakeService& make) {
  ServeOptions options;
  options.service = name;
  CLI::App app(absl::StrCat("One instance of the shop's ", name, " service"));
  AddFlags(app, options);
  CLI11_PARSE(app, argc, argv);
  const std::unique_ptr<grpc::Service> service = make(options.id);
  return Serve(options, *service);
}

}  // namespace shop
