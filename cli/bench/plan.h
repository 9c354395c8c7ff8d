// Plan: what `rollcall bench` will do to a registry, and the limits that keep it gentle.
//
// The limits are for registries that serve others; --force lifts them. What bounds this process's
// own memory and descriptors stays. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace rollcall::cli {

// Without --force.
inline constexpr uint32_t kMaxRate = 500;  // registrations a second
inline constexpr absl::Duration kMaxTime = absl::Minutes(5);
inline constexpr uint32_t kMaxConnections = 32;
// Also with --force.
inline constexpr uint64_t kMaxCalls = 20'000'000;  // in all
inline constexpr uint32_t kMaxForcedConnections = 1000;
// Resolves and heartbeats come so many times as often as registrations.
inline constexpr uint64_t kReadsPerRegistration = 4;
// Sessions with an instance each that are there all the time: they beat, and are resolved. Fewer
// if each would beat less than four times within its TTL.
inline constexpr uint64_t kMostSteady = 20;
// What is registered is removed again so soon, or after a fifth of the TTL if that is sooner.
inline constexpr absl::Duration kLongestStay = absl::Seconds(2);

struct Plan {
  uint32_t rate = 50;  // registrations a second
  absl::Duration time = absl::Seconds(10);
  uint32_t connections = 4;
  // Of every session: what a killed bench leaves lives no longer.
  absl::Duration ttl = absl::Seconds(10);
  // Nobody else uses it.
  std::string ns;

  uint64_t reads() const { return rate * kReadsPerRegistration; }
  absl::Duration stay() const;
  uint64_t steady() const;
  // At the same time.
  uint64_t instances() const;
  // Of all kinds.
  double calls() const;
  // Setting up and clearing away included.
  absl::Duration takes() const;
};

// INVALID_ARGUMENT naming the option and its limit.
absl::Status CheckPlan(const Plan& plan, bool force);

// Where it is done.
struct Target {
  std::string server;
  std::string node;
  // Another node of the cluster, whose watchers are timed too; empty: there is none.
  std::string other_node;
  // Why there is none although the cluster has others; empty otherwise.
  std::string no_other;
};

// What will be done and how long it will take, in lines for people.
std::vector<std::string> Announcement(const Plan& plan, const Target& target);

}  // namespace rollcall::cli
