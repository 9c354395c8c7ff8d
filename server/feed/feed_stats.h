// What the feed of this node has done, for metrics and status.
//
// FeedCounters is shared by all publishers of a node and thread-safe; of the
// three gauges the first two are also what the limits per node are checked against. FeedStats is
// one reading of it.
#pragma once

#include <atomic>
#include <cstdint>

namespace rollcall::feed {

struct FeedStats {
  uint64_t watchers = 0;
  uint64_t subscriptions = 0;
  // Refusals that wait for their watcher to read.
  uint64_t unsent_errors = 0;
  uint64_t messages_sent = 0;
  // Frames made, and frames that were already there when another watcher needed them.
  uint64_t frames_encoded = 0;
  uint64_t frames_shared = 0;
  // Changes that a watcher did not get one by one, because it had not yet taken an earlier one.
  uint64_t coalesced = 0;
  uint64_t cut_off = 0;
};

struct FeedCounters {
  std::atomic<uint64_t> watchers{0};
  std::atomic<uint64_t> subscriptions{0};
  std::atomic<uint64_t> unsent_errors{0};
  std::atomic<uint64_t> messages_sent{0};
  std::atomic<uint64_t> frames_encoded{0};
  std::atomic<uint64_t> frames_shared{0};
  std::atomic<uint64_t> coalesced{0};
  std::atomic<uint64_t> cut_off{0};

  FeedStats Read() const {
    return {watchers.load(),       subscriptions.load(), unsent_errors.load(), messages_sent.load(),
            frames_encoded.load(), frames_shared.load(), coalesced.load(),     cut_off.load()};
  }
};

}  // namespace rollcall::feed
