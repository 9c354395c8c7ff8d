// Instant: a point on a steady clock, for deadlines and intervals.
//
// Counts from an origin of the clock's own, so only differences mean something; it never goes
// back and knows nothing of the date. Times of day are absl::Time and are written into records,
// never compared with an Instant.
#pragma once

#include <compare>

#include "absl/time/time.h"

namespace rollcall::base {

class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant FromOrigin(absl::Duration since_origin) { return Instant(since_origin); }
  static constexpr Instant InfiniteFuture() { return Instant(absl::InfiniteDuration()); }

  constexpr absl::Duration SinceOrigin() const { return since_origin_; }

  friend Instant operator+(Instant a, absl::Duration d) { return Instant(a.since_origin_ + d); }
  friend Instant operator-(Instant a, absl::Duration d) { return Instant(a.since_origin_ - d); }
  friend absl::Duration operator-(Instant a, Instant b) {
    return a.since_origin_ - b.since_origin_;
  }
  friend bool operator==(Instant a, Instant b) { return a.since_origin_ == b.since_origin_; }
  friend bool operator<(Instant a, Instant b) { return a.since_origin_ < b.since_origin_; }
  friend bool operator<=(Instant a, Instant b) { return !(b < a); }
  friend bool operator>(Instant a, Instant b) { return b < a; }
  friend bool operator>=(Instant a, Instant b) { return !(a < b); }

 private:
  explicit constexpr Instant(absl::Duration d) : since_origin_(d) {}
  absl::Duration since_origin_ = absl::ZeroDuration();
};

}  // namespace rollcall::base
