// Watcher and Subscription: what a publisher knows of one client's stream and of each thing that it
// watches. Plain state, owned and changed by its publisher alone.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/time/time.h"
#include "client-sdk/base/instant.h"
#include "server/feed/ack_ledger.h"
#include "server/feed/pass.h"
#include "server/feed/watch_stream.h"
#include "server/model/ids.h"
#include "server/model/selector.h"
#include "server/model/server_source.h"

namespace rollcall::feed {

using WatcherId = Strong<uint64_t, struct WatcherIdTag>;

// A subscription's phases and what leads from one to another:
//
//   AwaitingRevision  its resume revision is applied → Due; kRevisionWait is over → ended
//   Due               its watcher's stream is free and it is its turn → MidPass
//   MidPass           the last message is written → UpToDate, or as there if something changed
//                     meanwhile
//   Resting           (all services only) what took long to make may be made again → Due
//   UpToDate          something it watches changed → Due, or Resting; a sign of life is due → Due
struct AwaitingRevision {
  Revision revision;
};
struct Due {
  bool must_speak = false;
};
struct MidPass {
  Pass pass;
  base::Instant begun;
  bool changed_meanwhile = false;
  absl::Duration making;  // how long its messages took to make so far
};
struct Resting {};
struct UpToDate {};
using Phase = std::variant<AwaitingRevision, Due, MidPass, Resting, UpToDate>;

struct Watcher;

struct Subscription {
  Watcher& watcher;
  const uint32_t id;
  const uint64_t serial;   // unique within the publisher, other than `id`
  const ServiceName name;  // service empty: all of the namespace
  const Selector selector;
  const bool will_ack;
  const std::string client_name;

  base::Instant began;  // when it was subscribed
  Phase phase = Due{true};
  // Everything at or below was sent; 0: a fresh snapshot is needed (or nothing is applied at all,
  // when a second one costs nothing).
  Revision cursor;
  // All services only: what changed since `cursor`; nullopt: not known.
  std::optional<std::set<ServiceName>> changed;
  // All services only: what was told beyond `cursor`.
  Pass::Ahead ahead;
  AckLedger ledger;
  uint64_t turn = 0;  // its key in Watcher::turns; 0: not there
};

struct Watcher {
  const WatcherId id;
  const std::shared_ptr<WatchStream> stream;
  // The same for all watchers of one connection.
  const uint64_t connection;

  // Set while a write is in flight.
  std::optional<base::Instant> writing_since;
  // Meanwhile there is more to send.
  bool awaits_write = false;
  base::Instant last_sent;
  std::map<uint32_t, std::unique_ptr<Subscription>> subscriptions;
  // Those with something to send, first come first served, one message at a time.
  absl::btree_map<uint64_t, Subscription*> turns;
  uint64_t next_turn = 1;
  // Whole messages that go before everything else.
  std::deque<std::string> errors;
  // Subscriptions with unacknowledged revisions.
  absl::btree_set<uint32_t> owing;
  ServerNames servers_told;
  // It said so: it is served here also while other nodes have newer data.
  bool accepts_stale = false;
  // Which subscription gave the last sign of life.
  uint32_t last_sign = 0;
};

// Delivery order: by connection, then watcher, then subscription. The same in every run.
struct InConnectionOrder {
  bool operator()(const Subscription* a, const Subscription* b) const {
    return Place(*a) < Place(*b);
  }
  bool operator()(const Watcher* a, const Watcher* b) const {
    return std::pair(a->connection, a->id) < std::pair(b->connection, b->id);
  }

 private:
  static std::tuple<uint64_t, WatcherId, uint32_t> Place(const Subscription& s) {
    return {s.watcher.connection, s.watcher.id, s.id};
  }
};

}  // namespace rollcall::feed
