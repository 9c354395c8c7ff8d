// Process: a client's process in a world, and what the world knows of it that nobody else does.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client-sdk/base/instant.h"
#include "tests/sim/sim_client.h"

namespace rollcall::sim {

struct Process {
  // "web/3#2": the second process that runs as instance 3 of "web"; "caller-7": one that only
  // watches.
  std::string name;
  std::string service;  // Empty: registers nothing.
  std::string id;
  std::string zone;
  std::string group;    // "web in z1": what a brake counts together
  std::string watches;  // A service; empty: none.

  bool alive = true;
  // It was told to stop; from then on its end is its own.
  bool stopping = false;
  // Another process has been started as the same instance since.
  bool superseded = false;
  // The other one was started when nobody could say who is the newer: either may win.
  bool contested = false;
  // An operator may have taken its instance out for good.
  bool removed = false;
  base::Instant began;
  // Of its death, or of the order to stop.
  std::optional<base::Instant> ended;
  // It may have been unable to reach nodes, or to run, until then.
  base::Instant hampered_until;
  // Of the last registration that was acknowledged, as it was told; and when the first was.
  uint64_t lease_epoch = 0;
  std::optional<base::Instant> acknowledged;
  std::unique_ptr<SimClient> client;

  bool registers() const { return !service.empty(); }
  // It runs, and nobody but a failure of ours may take it out.
  bool stays() const { return alive && !stopping && !superseded && !contested && !removed; }
};

}  // namespace rollcall::sim
