// Ledger: what became of a steady caller's calls.
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace shop {

// One call.
struct Outcome {
  double latency_ms = 0;
  // Empty if it succeeded.
  std::string error = {};
  // Service and instance of everyone who had a part in the answer.
  std::vector<std::pair<std::string, std::string>> served_by = {};
};

class Ledger {
 public:
  void Add(const Outcome& outcome);

  // Totals, and the latencies since the last call of this.
  nlohmann::json Progress();
  // Everything.
  nlohmann::json Report() const;

 private:
  mutable std::mutex mu_;
  // All under mu_.
  uint64_t failed_ = 0;
  std::vector<double> latencies_ms_;
  // Where the latencies of the next Progress() begin.
  size_t reported_ = 0;
  std::map<std::string, uint64_t> errors_;
  std::map<std::string, std::map<std::string, uint64_t>> served_by_;
};

}  // namespace shop
