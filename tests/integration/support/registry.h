// Registry: a rollcalld of its own, on ports of its own, with its data in a temporary directory.
//
// Start and stop it on the test's main thread only. Throws when it does not become ready.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/support/ports.h"
#include "tests/integration/support/process.h"
#include "tests/integration/support/temp_dir.h"

namespace rollcall::integration {

using Flags = std::vector<std::string>;

class Registry {
 public:
  // Starts at once. `flags` may name other addresses. `data` empty: a directory of its own.
  // `log_to` names a file for its stderr; empty: it is captured.
  explicit Registry(Flags flags = {}, std::string data = "", std::string log_to = "");

  // SIGKILL; the data stays.
  void Kill() { process_->Kill(); }
  // Again on the same data, on other ports or on the same.
  void Start();
  void StartOnSamePort();
  void Restart() {
    Kill();
    Start();
  }

  Process& process() { return *process_; }
  const std::string& data() const { return data_; }
  std::string address() const;
  int grpc_port() const { return grpc_port_; }
  int http_port() const { return http_port_; }
  const std::string& store_id() const { return store_id_; }
  std::string ready_file() const { return dir_.File("ready.json"); }

  // A connection of its own.
  std::shared_ptr<grpc::Channel> Connect(grpc::ChannelArguments arguments = {}) const;
  // Runs the rollcall command against it.
  Outcome Cli(std::vector<std::string> arguments, absl::Duration limit = kSoon) const;

  static std::string Program();
  static std::string CliProgram();

 private:
  void StartOn(const std::string& listen);
  void ReadReadyFile();

  TempDir dir_;
  Flags flags_;
  std::string data_;
  const std::string log_to_;
  std::unique_ptr<Process> process_;
  std::unique_ptr<Ports> port_;
  int grpc_port_ = 0;
  int http_port_ = 0;
  std::string store_id_;
};

// A process that registers through the SDK and stays until it is ended; see instance/main.cc.
std::unique_ptr<Process> StartInstance(const std::string& server, const std::string& service,
                                       const std::string& id, absl::Duration ttl, Flags more = {});

}  // namespace rollcall::integration
