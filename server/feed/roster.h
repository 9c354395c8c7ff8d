// Roster: all watchers of one publisher, and who of them hears of which service.
//
// Keeps the gauges of FeedCounters true. Pointers and references stay valid until the watcher or
// subscription they name is dropped. Thread-compatible.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "server/feed/feed_stats.h"
#include "server/feed/watcher.h"

namespace rollcall::feed {

class Roster {
 public:
  using Watchers = absl::btree_map<WatcherId, std::unique_ptr<Watcher>>;

  explicit Roster(FeedCounters& counters) : counters_(counters) {}
  ~Roster();

  Watcher& Add(WatcherId id, std::shared_ptr<WatchStream> stream);
  // nullptr if it is not, or no longer, there.
  Watcher* Find(WatcherId id) const;
  void Drop(WatcherId id);

  // Precondition: the watcher has no subscription of that id.
  Subscription& Subscribe(std::unique_ptr<Subscription> subscription);
  Subscription* Find(WatcherId watcher, uint32_t id) const;
  void End(Subscription& subscription);

  // Those that hear of this service, by itself or as one of its namespace or of all; each group in
  // connection order.
  void ForEachSubscriber(const ServiceName& name,
                         absl::FunctionRef<void(Subscription&)> visit) const;
  const Watchers& watchers() const { return watchers_; }

 private:
  // Numbered in the order they come, so that delivery order compares numbers, not addresses.
  struct Connection {
    uint64_t number = 0;
    size_t watchers = 0;
  };
  using Subscribers = absl::btree_set<Subscription*, InConnectionOrder>;

  FeedCounters& counters_;
  Watchers watchers_;
  absl::flat_hash_map<ServiceName, Subscribers> subscribers_;
  std::map<std::string, Connection> connections_;
  uint64_t next_connection_ = 1;
};

}  // namespace rollcall::feed
