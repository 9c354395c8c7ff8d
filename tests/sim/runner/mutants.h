// The list of mutants (mutants.txt), and the places in the sources where they are made.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rollcall::sim {

struct Mutant {
  std::string name;
  // Within so many seeds it must be found.
  uint64_t most;
  std::string profile;
};

// Lines "NAME SEEDS PROFILE what is wrong". INVALID_ARGUMENT if the file cannot be read, has
// another line, or none.
absl::StatusOr<std::vector<Mutant>> ReadMutants(const std::string& path);

// Of each MUTANT(name) under `root`: in server, client-sdk and cli.
std::set<std::string> MutantsInSources(const std::string& root);

// FAILED_PRECONDITION, with the names, unless each one listed is in the sources and the other way
// round.
absl::Status CompareMutants(const std::vector<Mutant>& listed, const std::set<std::string>& made);

}  // namespace rollcall::sim
