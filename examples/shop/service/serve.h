// ServeMain: runs a gRPC service as one instance of a service that Rollcall knows.
//
// This file and serve.cc are what a service needs to be found: start the server, register its
// address, and say goodbye in the right order.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "grpcpp/impl/codegen/service_type.h"

namespace shop {

// The rest of a main function: reads the flags, serves what `make` makes for that id until SIGTERM
// or SIGINT, and returns the process's exit status. Call it before any thread starts.
using MakeService = std::function<std::unique_ptr<grpc::Service>(const std::string& id)>;
int ServeMain(int argc, char** argv, const std::string& name, const MakeService& make);

}  // namespace shop
