// Probe: asks a node for something small, again and again, and tells how long it had to wait.
#pragma once

#include <string>
#include <thread>

#include "absl/time/time.h"
#include "tests/integration/support/stopping.h"

namespace rollcall::bench {

class Probe {
 public:
  // From now on, at the node that is or will be there.
  explicit Probe(const std::string& address);
  ~Probe() { Stop(); }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  void Stop();
  // After Stop. From the start to the first answer; the longest wait for any later one.
  absl::Duration first() const { return first_; }
  absl::Duration longest() const { return longest_; }

 private:
  void Ask(const std::string& address);

  integration::Stopping stopping_;
  absl::Duration first_ = absl::InfiniteDuration();
  absl::Duration longest_;
  std::thread thread_;
};

}  // namespace rollcall::bench
