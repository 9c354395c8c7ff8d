// ZooKeeperServer: one ZooKeeper of Debian's package, standalone, with a port and a data directory
// of its own. Everything that concerns durability is as it comes: a transaction is synced before it
// is answered.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "tests/integration/support/ports.h"
#include "tests/integration/support/process.h"
#include "tests/integration/support/temp_dir.h"

namespace rollcall::bench {

class ZooKeeperServer {
 public:
  // What is not installed: "java", "zookeeper"; empty if all is.
  static std::string Missing();

  ZooKeeperServer() : ports_(1) {}

  // It serves when this returns, what its data directory holds.
  void Start(absl::Duration tick);
  void Kill() { process_->Kill(); }

  int port() const { return ports_[0]; }
  pid_t pid() const { return process_->pid(); }

 private:
  const integration::TempDir directory_;
  const integration::Ports ports_;
  std::unique_ptr<integration::Process> process_;
};

}  // namespace rollcall::bench
