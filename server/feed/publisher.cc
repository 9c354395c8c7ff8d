#include "server/feed/publisher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/feed/drain_status.h"
#include "server/model/limits.h"

namespace rollcall::feed {

Publisher::Publisher(base::Executor& executor, FeedEdges edges, FeedCounters& counters,
                     CutOffs& cut_offs, uint64_t seed)
    : executor_(executor),
      edges_(std::move(edges)),
      counters_(counters),
      cut_offs_(cut_offs),
      random_(seed),
      roster_(counters),
      encodings_(edges_.make_frame, edges_.views.store_id(), counters),
      server_news_(edges_.servers) {}

void Publisher::Add(WatcherId id, std::shared_ptr<WatchStream> stream) {
  executor_.Post(
      [this, id, stream = std::move(stream)]() mutable { AddNow(id, std::move(stream)); });
}

void Publisher::OnRequest(WatcherId id, v1::WatchRequest request, RequestHandled handled) {
  executor_.Post([this, id, request = std::move(request), handled = std::move(handled)]() mutable {
    RequestNow(id, request);
    if (handled && roster_.Find(id) != nullptr) handled();
  });
}

void Publisher::OnWritten(WatcherId id, bool ok) { Arrange(finished_writes_.Add(id, ok)); }

void Publisher::Arrange(FinishedWrites::Look look) {
  if (look == FinishedWrites::Look::kNow) {
    executor_.Post([this, look] { LookAtWrites(look); });
  } else if (look == FinishedWrites::Look::kSoon) {
    executor_.PostAt(edges_.clock.Steady() + kLookAfter, [this, look] { LookAtWrites(look); });
  }
}

void Publisher::LookAtWrites(FinishedWrites::Look told) {
  for (const FinishedWrites::Write& write : finished_writes_.Take(told)) {
    WrittenNow(write.id, write.ok);
  }
}

void Publisher::Remove(WatcherId id) {
  executor_.Post([this, id] { Forget(id); });
}

void Publisher::OnPublished(std::vector<ServiceName> services, Revision revision) {
  executor_.Post([this, services = std::move(services), revision]() mutable {
    PublishedNow(std::move(services), revision);
  });
}

void Publisher::DrainStatus(ServiceName name, Revision revision, DrainCallback callback) {
  executor_.Post(
      [this, name = std::move(name), revision, callback = std::move(callback)]() mutable {
        callback(DrainStatusOf(roster_, name, revision, heard_, edges_.clock.Steady()));
      });
}

void Publisher::CloseAll(absl::Status status, absl::Duration spread) {
  executor_.Post([this, status = std::move(status), spread]() mutable {
    CloseAllNow(std::move(status), spread);
  });
}

void Publisher::SendAway(absl::Status status, absl::Duration spread) {
  executor_.Post([this, status = std::move(status), spread]() mutable {
    SendAwayNow(std::move(status), spread);
  });
}

void Publisher::TakeAgain() {
  executor_.Post([this] { away_.reset(); });
}

void Publisher::AddNow(WatcherId id, std::shared_ptr<WatchStream> stream) {
  if (closing_) return stream->Close(*closing_);
  if (counters_.watchers >= kMaxWatchersPerNode) {
    return stream->Close(absl::ResourceExhaustedError(
        absl::StrCat("this node has ", kMaxWatchersPerNode, " watchers, its limit; use another")));
  }
  roster_.Add(id, std::move(stream)).last_sent = edges_.clock.Steady();
  if (ticking_) return;
  next_tick_ = edges_.clock.Steady();
  Tick();
}

void Publisher::RequestNow(WatcherId id, const v1::WatchRequest& request) {
  Watcher* watcher = roster_.Find(id);
  if (watcher == nullptr) return;
  switch (request.message_case()) {
    case v1::WatchRequest::kSubscribe:
      Subscribe(*watcher, request.subscribe());
      break;
    case v1::WatchRequest::kUnsubscribe:
      // Of an id that is not there: it may have ended with an error that is still on its way.
      if (Subscription* s = roster_.Find(id, request.unsubscribe().id())) EndSubscription(*s);
      break;
    case v1::WatchRequest::kAck:
      Acknowledge(*watcher, request.ack());
      break;
    case v1::WatchRequest::MESSAGE_NOT_SET:
      break;  // of a newer client
  }
  if ((watcher = roster_.Find(id)) != nullptr) Pump(*watcher);
}

void Publisher::WrittenNow(WatcherId id, bool ok) {
  Watcher* watcher = roster_.Find(id);
  if (watcher == nullptr) return;
  watcher->writing_since.reset();
  if (!ok) return Forget(id);
  Pump(*watcher);
}

void Publisher::PublishedNow(std::vector<ServiceName> services, Revision revision) {
  published_ = std::max(published_, revision);
  for (ServiceName& name : services) dirty_.insert(std::move(name));
  const base::Instant now = edges_.clock.Steady();
  const absl::Duration window = merge_window_.Note(now);
  if (flush_posted_) return;
  flush_posted_ = true;
  // Posted even without a window: changes that already wait on the executor go along.
  if (window == absl::ZeroDuration()) {
    executor_.Post([this] { Flush(); });
  } else {
    executor_.PostAt(now + window, [this] { Flush(); });
  }
}

void Publisher::CloseAllNow(absl::Status status, absl::Duration spread) {
  closing_ = status;
  Spread(spread, [this, status = std::move(status)](WatcherId id) { Close(id, status); });
}

void Publisher::SendAwayNow(absl::Status status, absl::Duration spread) {
  away_ = std::move(status);
  Spread(spread, [this](WatcherId id) {
    const Watcher* watcher = roster_.Find(id);
    if (away_ && watcher != nullptr && !watcher->accepts_stale) Close(id, *away_);
  });
}

void Publisher::Spread(absl::Duration spread, const std::function<void(WatcherId)>& end) {
  const base::Instant now = edges_.clock.Steady();
  for (const auto& [id, watcher] : roster_.watchers()) {
    const absl::Duration wait =
        absl::Trunc(random_.Between(absl::ZeroDuration(), spread), absl::Milliseconds(1));
    executor_.PostAt(now + wait, [end, id = id] { end(id); });
  }
}

}  // namespace rollcall::feed
