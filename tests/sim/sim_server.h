// SimServer: what a simulated client finds at an address: a node's process, as far as it is there.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "client-sdk/base/executor.h"
#include "client-sdk/base/instant.h"
#include "server/node/node.h"

namespace rollcall::sim {

class SimServer {
 public:
  virtual ~SimServer() = default;

  // It listens. What follows may be called only then.
  virtual bool up() const = 0;
  virtual node::Node& node() = 0;
  // What its clock shows when the world's shows this.
  virtual base::Instant ItsTime(base::Instant world) const { return world; }
  // Where what clients send arrives; gone when the node is.
  virtual base::Executor& executor() = 0;
  // Called before the node is gone, for those who hold something of it.
  void OnCrash(std::function<void()> hook) { on_crash_.push_back(std::move(hook)); }

 protected:
  void TellCrash() {
    for (const auto& hook : on_crash_) hook();
  }

 private:
  std::vector<std::function<void()>> on_crash_;
};

// By address.
using SimNetwork = std::map<std::string, SimServer*>;

}  // namespace rollcall::sim
