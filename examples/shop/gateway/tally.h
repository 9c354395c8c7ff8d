// Tally: what became of the calls to one service, by instance.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace shop {

class Tally {
 public:
  struct Counts {
    // Tries of calls, the repeated ones too.
    uint64_t attempts = 0;
    // Answered, be it with "not found".
    uint64_t served = 0;
    uint64_t failed = 0;
    std::chrono::steady_clock::time_point last_attempt = {};
  };
  struct Totals {
    uint64_t calls = 0;
    uint64_t failed = 0;
    // Attempts after the first of a call.
    uint64_t repeated = 0;
    std::map<std::string, Counts> instances;
  };

  // An attempt goes out to `instance`; `number` is 1 for the first of a call.
  void Attempted(const std::string& instance, int number);
  // It came back.
  void Returned(const std::string& instance, bool served);
  // A call, all its attempts together, is over.
  void Finished(bool ok);

  Totals totals() const;

 private:
  mutable std::mutex mu_;
  Totals totals_;  // under mu_
};

}  // namespace shop
