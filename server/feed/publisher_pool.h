// PublisherPool: the feed of one node, for transports: one publisher per executor; all watchers of
// a connection live in the same one, so that it delivers to them together.
//
// Thread-safe: every method posts. The executors must run no more tasks once the pool is destroyed.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client-sdk/base/executor.h"
#include "client-sdk/base/random.h"
#include "server/feed/feed_stats.h"
#include "server/feed/publisher.h"

namespace rollcall::feed {

class PublisherPool {
 public:
  static constexpr absl::Duration kCloseSpread = absl::Seconds(2);
  // Longer: nobody waits for this node to end.
  static constexpr absl::Duration kSendAwaySpread = absl::Seconds(4);

  // `executors`: at least one; they outlive the pool's use. `random` is used here only.
  PublisherPool(absl::Span<base::Executor* const> executors, const FeedEdges& edges,
                base::Random& random);

  // A new stream; it answers each Write with OnWritten under the id returned. May be closed at
  // once: see Publisher::Add.
  WatcherId Add(std::shared_ptr<WatchStream> stream);
  void OnRequest(WatcherId id, v1::WatchRequest request, RequestHandled handled = nullptr);
  void OnWritten(WatcherId id, bool ok);
  void Remove(WatcherId id);

  // Once for each applied revision, in order, after the ViewTable says so.
  void OnPublished(absl::Span<const ServiceName> services, Revision revision);
  // `callback` is called on one of the executors.
  void DrainStatus(const ServiceName& name, Revision revision, DrainCallback callback);
  // Ends all streams, spread so that clients do not come back at once.
  void CloseAll(const absl::Status& status, absl::Duration spread = kCloseSpread);
  // This node is behind while others are not: ends, spread, the streams of all who do not accept
  // stale data, and refuses new ones, until TakeAgain.
  void SendAway(const absl::Status& status);
  void TakeAgain();

  FeedStats stats() const { return counters_.Read(); }

 private:
  Publisher& Of(WatcherId id) { return *publishers_[id.value() % publishers_.size()]; }

  const base::Clock& clock_;
  FeedCounters counters_;
  CutOffs cut_offs_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  std::atomic<uint64_t> next_{1};
};

}  // namespace rollcall::feed
