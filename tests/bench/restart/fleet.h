// Fleet: many processes of 100 instances each, registered through a real node in one call each.
#pragma once

#include <string>

namespace rollcall::bench {

class Fleet {
 public:
  static constexpr int kInstancesPerSession = 100;
  // Ten processes offer the same service.
  static constexpr int kSessionsPerService = 10;

  Fleet(int sessions, size_t instance_bytes)
      : sessions_(sessions), instance_bytes_(instance_bytes) {}

  int instances() const { return sessions_ * kInstancesPerSession; }
  // Blocks until all are registered; throws if one is refused.
  void Register(const std::string& address) const;
  // Whether a node tells the first and the last service with all their instances.
  bool Complete(const std::string& address) const;

 private:
  const int sessions_;
  const size_t instance_bytes_;
};

}  // namespace rollcall::bench
