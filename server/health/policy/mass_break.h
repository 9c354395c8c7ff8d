// MassBreak: tells the loss of many streams at once, whose cause is likely this node or its
// network, from the deaths of clients.
//
// Breaks are suppressed (nobody is suspected for now) only if, within kWindow, all of these broke:
// at least kMinSessions sessions, half of the sessions that had a stream, and sessions of at least
// kMinHosts hosts: when one host dies with everything on it, each of its sessions is suspected.
//
// Pure: time is an argument. Thread-compatible. Remembers the breaks of one window.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client-sdk/base/instant.h"

namespace rollcall::health {

class MassBreak {
 public:
  static constexpr absl::Duration kWindow = absl::Milliseconds(500);
  static constexpr size_t kMinSessions = 16;
  static constexpr size_t kMinHosts = 2;

  void Add(base::Instant now, uint64_t session, absl::string_view peer);
  // Whether what broke last is to be suppressed; `connected` sessions have a stream now.
  bool Suppresses(base::Instant now, size_t connected);

 private:
  struct Break {
    base::Instant at;
    uint64_t session;
    std::string host;
  };
  void Forget(base::Instant now);

  std::deque<Break> breaks_;  // oldest first
};

}  // namespace rollcall::health
