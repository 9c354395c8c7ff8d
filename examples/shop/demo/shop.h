// Shop: the processes of the example, started and ended.
//
// Everything listens on free ports of the loopback and leaves its output in a file of the working
// directory. Thread-compatible; owned by the main thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "examples/shop/demo/changes.h"
#include "examples/shop/demo/child.h"
#include "examples/shop/demo/command_line.h"
#include "examples/shop/demo/steady_caller.h"

namespace shop::demo {

struct InstancePlan {
  std::string service;
  std::string id;
  int weight;
  std::string zone;
};

class Shop {
 public:
  // Programs are in `programs`; `ttl` is that of all instances.
  Shop(std::string programs, std::string directory, absl::Duration ttl)
      : programs_(std::move(programs)), directory_(std::move(directory)), ttl_(ttl) {}

  // Returns when it is ready. After KillRegistry(): on the same data and the same port.
  absl::Status StartRegistry();
  void KillRegistry();
  // Instead: one that runs already; host:port, or several of them, comma-separated.
  void UseRegistry(const std::string& servers);
  // `rollcall watch`, whose lines go to changes().
  absl::Status StartWatch();
  // Returns when the registry has it PASSING.
  absl::Status StartInstance(const InstancePlan& plan);
  absl::Status StartGateway();
  absl::Status StartCaller(int calls_per_second);
  // To an instance, by id.
  void Signal(const std::string& id, int signal);
  // Asks all to stop and waits for them. Says of those that did not end well how they ended.
  std::vector<std::string> Close();

  const CommandLine& rollcall() const { return *rollcall_; }
  const Changes& changes() const { return changes_; }
  SteadyCaller& caller() { return *caller_; }
  const std::string& registry() const { return registry_address_; }
  std::string gateway_url() const;

 private:
  absl::StatusOr<std::unique_ptr<Child>> Start(const std::string& program,
                                               const std::vector<std::string>& arguments,
                                               const std::string& name,
                                               Child::OnLine on_line = nullptr);
  absl::Status StartRegistryOnce(const std::string& listen);
  std::string LogOf(const std::string& name) const;

  const std::string programs_;
  const std::string directory_;
  const absl::Duration ttl_;
  std::string registry_address_;
  Changes changes_;
  std::unique_ptr<CommandLine> rollcall_;
  // Those who need another process stand below it: they are ended first.
  std::unique_ptr<Child> registry_;
  std::unique_ptr<Child> watch_;
  std::map<std::string, std::unique_ptr<Child>> instances_;
  std::unique_ptr<SteadyCaller> caller_;
};

}  // namespace shop::demo
