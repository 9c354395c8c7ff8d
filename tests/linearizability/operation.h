// Operation: one thing that somebody asked for, and when. History: operations by key.
//
// Instants count on one clock that never goes back; which one is the recorder's business. An answer
// that never came leaves `returned` at kNever: the operation may have taken effect at any time
// since it was invoked, may do so later, or never. What is known to have failed without effect does
// not belong into a history, and neither does a read without an answer: they say nothing.
//
// Pure.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::linearizability {

using Instant = int64_t;
inline constexpr Instant kNever = std::numeric_limits<Instant>::max();

// `Call` says what was asked and, if it is known, what was answered.
template <typename Call>
struct Operation {
  Call call;
  Instant invoked = 0;
  Instant returned = kNever;

  bool known() const { return returned != kNever; }
};

// A history is linearizable if its part for each key is (Herlihy and Wing 1990, locality): each is
// searched for itself (P-compositionality, Horn and Kroening 2015).
template <typename Call>
using History = std::map<std::string, std::vector<Operation<Call>>>;

}  // namespace rollcall::linearizability
