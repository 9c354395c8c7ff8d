// Plan: what is done to a world and when, as data: made from a seed, written by hand, or cut down
// to what a failure needs. One line for each event: seconds, then words.
//
//   0        fleet web 6 zones=2
//   12.250   freeze node-2 for 4.5
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace rollcall::sim {

struct PlannedEvent {
  absl::Duration at;
  std::vector<std::string> words;

  std::string Line() const;
};

struct Plan {
  // In order of time.
  std::vector<PlannedEvent> events;
  // When all that was planned is over; a quiet time follows.
  absl::Duration end;

  void Add(absl::Duration at, std::vector<std::string> words);
  // Ties keep the order in which they were added.
  void Sort();
  std::string Text() const;
};

// Empty lines and lines that begin with # are left out; "<seconds> end" says when it is over.
absl::StatusOr<Plan> ParsePlan(absl::string_view text);

}  // namespace rollcall::sim
