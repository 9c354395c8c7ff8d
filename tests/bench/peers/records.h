// What peers are given to keep: an instance is a path and a value of the size that its record has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/bench/load/population.h"

namespace rollcall::bench {

// All that the bench keeps in a peer is below this.
inline constexpr char kRoot[] = "/bench";
// How many instances one call registers at the most: what etcd takes in one transaction is 128.
inline constexpr int kMostAtOnce = 100;
// For what is to stay.
inline constexpr absl::Duration kLong = absl::Minutes(10);

std::string ServicePath(absl::string_view service);
std::string InstancePath(absl::string_view service, absl::string_view id);

// The instances that call number `n` registers, spread over services as Rollcall's are.
std::vector<std::string> RegisteredPaths(uint64_t n, int instances);
// `instances` of one service, "/bench/SERVICE/SERVICE-0" and so on.
std::vector<std::string> PathsOf(absl::string_view service, int instances);
std::string CrowdPath(uint64_t n);
// Of the sessions that end together.
std::string DoomedPath(uint64_t n);

// So many bytes, and at least the 20 digits of the mark.
std::string Record(size_t bytes, uint64_t mark = 0);
// 0 if it holds none.
uint64_t MarkIn(absl::string_view record);

}  // namespace rollcall::bench
