// Serve: runs a gRPC service as one instance of a service that Rollcall knows.
//
// This file and serve.cc are what a service needs to be found: start the server, register its
// address, and say goodbye in the right order.
#pragma once

#include <cstdint>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/time/time.h"
#include "grpcpp/impl/codegen/service_type.h"

namespace shop {

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

void AddServeFlags(CLI::App& app, ServeOptions& options);

// Until SIGTERM or SIGINT; returns the process's exit status. Call it before any thread starts.
int Serve(const ServeOptions& options, grpc::Service& service);

}  // namespace shop
