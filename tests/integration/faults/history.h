// What was written, told and answered while faults went on: what the checker judges.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace rollcall::integration {

// One process's registrations of one instance, as it was answered.
struct Written {
  // Lease epochs that were acknowledged, in the order of the answers.
  std::vector<uint64_t> epochs;
  // Registrations that it asked for; it beats for the last one from then on.
  size_t asked = 1;
  // It asked for the end.
  bool ended = false;
  // The end was not acknowledged: it may stand until its session ends, or not.
  bool unsure = false;
};

// One message part: an instance as it stands, or that it is removed.
struct Told {
  std::string store;
  uint64_t revision = 0;  // of the instance
  std::string id;
  uint64_t epoch = 0;  // 0: removed
  std::string cause;   // of a removal
};

// What one watcher was told over all the nodes that it was at.
struct Watched {
  std::vector<Told> told;
  // The revision of every message, with its store.
  std::vector<std::pair<std::string, uint64_t>> revisions;
  // Its view in the end: epoch by id.
  std::map<std::string, uint64_t> view;
};

struct History {
  std::map<std::string, Written> written;
  std::map<std::string, Watched> watchers;
  // What each node answered in the end, asked for the newest: epoch by id.
  std::map<std::string, std::map<std::string, uint64_t>> nodes;
  // Nodes whose audit does not agree, or which did not answer it.
  std::set<std::string> audit_differs;
  absl::Duration longest_answer;
  absl::Duration answer_limit = absl::InfiniteDuration();
};

}  // namespace rollcall::integration
