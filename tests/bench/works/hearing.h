// Hearing: notes when the first and the last of an audience heard of one event.
#pragma once

#include <vector>

#include "absl/time/clock.h"
#include "tests/bench/load/calls.h"
#include "tests/bench/sides/side.h"
#include "tests/integration/support/bounded.h"

namespace rollcall::bench {

class Hearing {
 public:
  Hearing(Loop& loop, int watchers) : loop_(loop), heard_(static_cast<size_t>(watchers)) {}

  // For Side::Watch; must not outlive this.
  Heard handler() {
    return [this](size_t watcher, const Event& event) { Hear(watcher, event); };
  }
  // From now on this event is waited for. kSuspect: being removed is as good, where nobody is
  // suspected.
  void Expect(Event::Kind kind, uint64_t mark) {
    kind_ = kind;
    mark_ = mark;
    count_ = 0;
    std::fill(heard_.begin(), heard_.end(), false);
  }
  // Turns the loop until all have heard it; throws if they do not in `limit`.
  void Await(absl::Duration limit = kPatience) {
    if (!loop_.RunUntil([this] { return count_ == heard_.size(); }, limit)) {
      integration::Fail("not every watcher heard of the change");
    }
  }
  absl::Time first() const { return first_; }
  absl::Time last() const { return last_; }

 private:
  void Hear(size_t watcher, const Event& event) {
    if (event.mark != mark_ || heard_[watcher]) return;
    const bool gone = kind_ == Event::Kind::kSuspect && event.kind == Event::Kind::kRemoved;
    if (event.kind != kind_ && !gone) return;
    heard_[watcher] = true;
    last_ = absl::Now();
    if (count_++ == 0) first_ = last_;
  }

  Loop& loop_;
  Event::Kind kind_ = Event::Kind::kChanged;
  uint64_t mark_ = 0;
  std::vector<bool> heard_;
  size_t count_ = 0;
  absl::Time first_;
  absl::Time last_;
};

}  // namespace rollcall::bench
