// shop_gateway: takes HTTP, calls the shop's services by way of the registry.
//
// It is found like any other service: it registers itself as "gateway".
#include <iostream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "examples/shop/common/flags.h"
#include "examples/shop/common/stop_signals.h"
#include "examples/shop/gateway/routes.h"

namespace shop {
namespace {

// A connection holds a thread for as long as it is open.
constexpr size_t kThreads = 64;
// Stopping waits for idle connections at most this long.
constexpr time_t kIdleSeconds = 5;
// The library would hang up after five calls.
constexpr size_t kCallsPerConnection = 1000000;

struct GatewayOptions {
  std::string id = "gateway-1";
  std::string host = "127.0.0.1";
  uint16_t port = 8080;
  std::string registry = "127.0.0.1:7400";
  std::string cache;
  absl::Duration ttl = absl::Seconds(10);
};

void AddFlags(CLI::App& app, GatewayOptions& options) {
  app.add_option("--id", options.id, "This gateway's id")->capture_default_str();
  app.add_option("--host", options.host, "Address to listen on")->capture_default_str();
  app.add_option("--port", options.port, "Port to listen on; 0: a free one")->capture_default_str();
  app.add_option("--cache", options.cache,
                 "Directory for what the registry said last: with it the gateway can start while "
                 "the registry is away");
  AddRegistry(app, options.registry);
  AddDuration(app, "--ttl", options.ttl, "The registry removes it after so much silence");
}

void Configure(httplib::Server& server) {
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_keep_alive_timeout(kIdleSeconds);
  server.set_keep_alive_max_count(kCallsPerConnection);
  server.set_tcp_nodelay(true);
  // The library's default also sets SO_REUSEPORT, with which two gateways could share a port
  // unseen.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
}

// The port, or -1.
int Bind(const GatewayOptions& options, httplib::Server& server) {
  if (options.port == 0) return server.bind_to_any_port(options.host);
  return server.bind_to_port(options.host, options.port) ? options.port : -1;
}

absl::StatusOr<std::unique_ptr<rollcall::Client>> MakeClient(const GatewayOptions& options) {
  rollcall::ClientOptions client;
  client.servers = absl::StrSplit(options.registry, ',');
  client.client_name = options.id;
  client.cache_directory = options.cache;
  client.session_ttl = options.ttl;
  return rollcall::Client::Create(std::move(client));
}

absl::StatusOr<rollcall::Registration> Register(rollcall::Client& client,
                                                const GatewayOptions& options, int port) {
  rollcall::InstanceOptions instance;
  instance.service = "gateway";
  instance.id = options.id;
  instance.endpoints = {{.name = "http",
                         .address = options.host,
                         .port = static_cast<uint16_t>(port),
                         .protocol = "http"}};
  instance.must_succeed = false;
  return client.Register(std::move(instance));
}

int Fail(const std::string& what) {
  std::cerr << what << "\n";
  return 1;
}

int Run(const GatewayOptions& options) {
  const StopSignals stop;
  httplib::Server server;
  Configure(server);
  const int port = Bind(options, server);
  if (port < 0) return Fail(absl::StrCat("cannot listen on ", options.host, ":", options.port));
  auto client = MakeClient(options);
  if (!client.ok()) return Fail(client.status().ToString());
  auto gateway = Gateway::Create(**client);
  if (!gateway.ok()) return Fail(gateway.status().ToString());
  AddRoutes(**gateway, server);
  std::thread serving([&] { server.listen_after_bind(); });
  std::cout << options.id << " serves http://" << options.host << ":" << port << std::endl;
  auto registration = Register(**client, options, port);
  if (!registration.ok()) std::cerr << "not registered: " << registration.status() << "\n";

  stop.Wait();
  if (registration.ok()) registration->Deregister().IgnoreError();
  server.stop();
  serving.join();
  return 0;
}

}  // namespace
}  // namespace shop

int main(int argc, char** argv) {
  shop::GatewayOptions options;
  CLI::App app("The shop's front door: GET /user/<id>, /order/<id>, /stats");
  shop::AddFlags(app, options);
  CLI11_PARSE(app, argc, argv);
  return shop::Run(options);
}
