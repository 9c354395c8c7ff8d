// Echo: a bare gRPC server that answers Register with as many bytes as rollcalld does, and does
// nothing: what gRPC itself costs here. A process of its own, as rollcalld is.
#pragma once

#include <memory>
#include <string>

#include "tests/integration/support/process.h"

namespace rollcall::bench {

// What `cluster_bench --serve-echo` runs: writes its port, and serves until it is killed.
int ServeEcho();

class Echo {
 public:
  Echo();
  std::string address() const { return address_; }
  int pid() const { return process_.pid(); }

 private:
  integration::Process process_;
  std::string address_;
};

}  // namespace rollcall::bench
