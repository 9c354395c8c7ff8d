// Publisher: brings what is published to the watchers it owns.
//
// State-based: a subscription is a cursor, the last revision it was sent. When its stream is free
// and something it watches is newer, it gets the difference; a watcher whose write is in flight
// queues nothing and gets the newest state when the write is done. It never gets an older state
// after a newer one, and caught_up revisions of a subscription only grow.
//
// All public methods are thread-safe: they post to the executor, on which alone the state lives and
// all callbacks and WatchStream calls are made. The executor must run no more tasks once the
// publisher is destroyed. Transports use PublisherPool. See docs/life_of_a_watch.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "rollcall/v1/discovery.pb.h"
#include "rollcall/v1/operations.pb.h"
#include "server/catalog/view_table.h"
#include "server/feed/cut_offs.h"
#include "server/feed/encoding_cache.h"
#include "server/feed/feed_stats.h"
#include "server/feed/finished_writes.h"
#include "server/feed/merge_window.h"
#include "server/feed/roster.h"
#include "server/feed/server_news.h"
#include "server/feed/standstills.h"
#include "server/feed/watch_stream.h"
#include "server/model/limits.h"
#include "server/model/server_source.h"

namespace rollcall::feed {

// What the feed is given from outside.
struct FeedEdges {
  const catalog::ViewTable& views;
  base::Clock& clock;
  FrameFactory make_frame;
  // Since this node last confirmed its store. Thread-safe.
  std::function<absl::Duration()> store_age;
  // A watcher was cut off, for the log; may be null. Called on the publisher's executor.
  std::function<void(const std::string& client, const std::string& peer, const std::string& reason)>
      on_cut_off = nullptr;
  // Told to every watcher with its first caught_up, and again when the list is another; may be
  // null.
  ServerSource servers = nullptr;
};

using DrainCallback = absl::AnyInvocable<void(v1::GetDrainStatusResponse)>;
// Called once a request was handled; a transport that reads its next message only then bounds what
// a client can have waiting here.
using RequestHandled = absl::AnyInvocable<void()>;

class Publisher {
 public:
  // How often cut-offs and signs of life are looked after: cut-offs are at most this late, signs of
  // life this early.
  static constexpr absl::Duration kTick = absl::Milliseconds(500);
  // When finished writes are looked at that nobody waits for.
  static constexpr absl::Duration kLookAfter = absl::Milliseconds(5);

  // `counters` and `cut_offs` may be shared with other publishers; `seed` is for the jitter of
  // CloseAll and SendAway.
  Publisher(base::Executor& executor, FeedEdges edges, FeedCounters& counters, CutOffs& cut_offs,
            uint64_t seed);
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  // A new stream under an id never used before. Closed at once with RESOURCE_EXHAUSTED above
  // kMaxWatchersPerNode, or with CloseAll's status after it.
  void Add(WatcherId id, std::shared_ptr<WatchStream> stream);
  // Of a stream that is gone: `handled` is destroyed without being called.
  void OnRequest(WatcherId id, v1::WatchRequest request, RequestHandled handled = nullptr);
  // The stream's write is done; not `ok`: the stream is broken, and forgotten.
  void OnWritten(WatcherId id, bool ok);
  // The stream ended.
  void Remove(WatcherId id);

  // `revision` is applied and changed these services. Once for each applied revision, in order,
  // after the ViewTable says so.
  void OnPublished(std::vector<ServiceName> services, Revision revision);
  // How far those who watch the service are; see DrainStatusOf.
  void DrainStatus(ServiceName name, Revision revision, DrainCallback callback);
  // Ends all streams, each at a random moment within `spread`, and new ones at once.
  void CloseAll(absl::Status status, absl::Duration spread);
  // The same for all but those who accept stale data, until TakeAgain; new ones end when they
  // subscribe, for only then do they say that.
  void SendAway(absl::Status status, absl::Duration spread);
  void TakeAgain();

 private:
  void AddNow(WatcherId id, std::shared_ptr<WatchStream> stream);
  void RequestNow(WatcherId id, const v1::WatchRequest& request);
  void Arrange(FinishedWrites::Look look);
  void LookAtWrites(FinishedWrites::Look told);
  void WrittenNow(WatcherId id, bool ok);
  void PublishedNow(std::vector<ServiceName> services, Revision revision);
  void CloseAllNow(absl::Status status, absl::Duration spread);
  void SendAwayNow(absl::Status status, absl::Duration spread);
  // `end` for every watcher there is, each at a random moment within `spread`.
  void Spread(absl::Duration spread, const std::function<void(WatcherId)>& end);

  // publisher_requests.cc
  void Subscribe(Watcher& watcher, const v1::WatchRequest::Subscribe& request);
  absl::Status CheckRoom(const Watcher& watcher, uint32_t id) const;
  void StartFrom(Subscription& subscription, const v1::WatchRequest::Subscribe& request);
  void AwaitRevision(Subscription& subscription, Revision revision);
  void GiveUpWaiting(WatcherId watcher, uint32_t id, uint64_t serial);
  void Acknowledge(Watcher& watcher, const v1::WatchRequest::Ack& ack);
  void EndSubscription(Subscription& subscription);
  // nullptr if it has ended, also if another has its id now.
  Subscription* Still(WatcherId watcher, uint32_t id, uint64_t serial) const;
  // Tells of an error under `id`; cuts the watcher off if it reads none of them.
  void Refuse(Watcher& watcher, uint32_t id, const absl::Status& status);

  // publisher_delivery.cc
  void Flush();
  // True if the subscription now has something to send.
  bool MarkChanged(Subscription& subscription, const ServiceName& name);
  void ResumeWaiting(std::vector<Watcher*>& touched);
  void FollowHeard(Subscription& subscription) const;
  void MakeDue(Subscription& subscription, bool must_speak);
  // Something changed for it. False if it rests before it is due.
  bool MakeDueOrRest(Subscription& subscription);
  // Writes what there is, as long as the stream is free.
  void Pump(Watcher& watcher);
  // False if there is nothing.
  bool WriteNext(Watcher& watcher);
  void SetAwaits(Watcher& watcher, bool awaits);
  void Speak(Subscription& subscription);
  Pass BeginPass(Subscription& subscription, bool must_speak);
  void EndPass(Subscription& subscription);
  void Rested(WatcherId watcher, uint32_t id, uint64_t serial);
  void Send(Subscription& subscription, Pass::Message message);
  void Write(Watcher& watcher, std::string prefix, std::shared_ptr<const Frame> body);

  // publisher_upkeep.cc
  void Tick();
  void GiveSignOfLife(Watcher& watcher);
  // nullopt: nothing is overdue.
  std::optional<std::string> Overdue(const Watcher& watcher, base::Instant now) const;
  void CutOff(Watcher& watcher, const std::string& reason);
  void Close(WatcherId id, const absl::Status& status);
  void Forget(WatcherId id);

  base::Executor& executor_;
  const FeedEdges edges_;
  FeedCounters& counters_;
  CutOffs& cut_offs_;
  base::SeededRandom random_;

  Roster roster_;
  EncodingCache encodings_;
  ServerNews server_news_;
  MergeWindow merge_window_;
  FinishedWrites finished_writes_;
  absl::btree_set<Subscription*, InConnectionOrder> waiting_;  // for their resume revision
  uint64_t next_serial_ = 1;

  // Published and not yet handed to the subscriptions.
  std::set<ServiceName> dirty_;
  Revision published_;
  bool flush_posted_ = false;
  // Passes over all services take long to make, for one change as for many: none begins before.
  base::Instant rest_until_;
  // All changes at or below have been handed to the subscriptions.
  Revision heard_;

  bool ticking_ = false;
  base::Instant next_tick_;
  Standstills standstills_{kWatcherCutOff};
  std::optional<absl::Status> closing_;
  // Set: those who do not accept stale data have to go, with this.
  std::optional<absl::Status> away_;
};

}  // namespace rollcall::feed
