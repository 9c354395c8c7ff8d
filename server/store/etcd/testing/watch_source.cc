#include "server/store/etcd/testing/watch_source.h"

#include <algorithm>
#include <utility>

namespace rollcall::etcd {
namespace {

constexpr int kMostRevisionsAtOnce = 1000;

}  // namespace

WatchSource::WatchSource(pb::WatchCreateRequest request, const Keyspace& keys,
                         size_t fragment_bytes)
    : request_(std::move(request)),
      keys_(keys),
      fragment_bytes_(fragment_bytes),
      next_(request_.start_revision() > 0 ? request_.start_revision() : keys.revision() + 1) {}

pb::WatchResponse WatchSource::Created() const {
  pb::WatchResponse response;
  response.mutable_header()->set_revision(keys_.revision());
  response.set_watch_id(request_.watch_id());
  response.set_created(true);
  return response;
}

// etcd 3.4 tells no revision and no reason here.
pb::WatchResponse WatchSource::Canceled() const {
  pb::WatchResponse response;
  response.mutable_header();
  response.set_watch_id(request_.watch_id());
  response.set_canceled(true);
  response.set_compact_revision(keys_.compacted());
  return response;
}

void WatchSource::Collect(pb::WatchResponse& response) {
  int revisions = 0;
  int64_t last = keys_.revision();
  keys_.EventsFrom(next_, [&](int64_t revision, const std::vector<pb::Event>& events) {
    bool any = false;
    for (const pb::Event& event : events) {
      if (!InRange(event.kv().key(), request_.key(), request_.range_end())) continue;
      *response.add_events() = event;
      any = true;
    }
    if (any && ++revisions == kMostRevisionsAtOnce) {
      last = revision;
      return false;
    }
    return true;
  });
  next_ = last + 1;
}

void WatchSource::Split(pb::WatchResponse whole, std::vector<pb::WatchResponse>& out) const {
  if (!request_.fragment() || whole.ByteSizeLong() < fragment_bytes_) {
    out.push_back(std::move(whole));
    return;
  }
  pb::WatchResponse piece = whole;
  piece.clear_events();
  const size_t envelope = piece.ByteSizeLong();
  size_t bytes = envelope;
  for (pb::Event& event : *whole.mutable_events()) {
    const size_t more = event.ByteSizeLong();
    if (piece.events_size() > 0 && bytes + more >= fragment_bytes_) {
      piece.set_fragment(true);
      out.push_back(piece);
      piece.clear_events();
      piece.set_fragment(false);
      bytes = envelope;
    }
    *piece.add_events() = std::move(event);
    bytes += more;
  }
  out.push_back(std::move(piece));
}

std::vector<pb::WatchResponse> WatchSource::Take() {
  std::vector<pb::WatchResponse> out;
  if (canceled_) return out;
  if (next_ < keys_.compacted()) {
    canceled_ = true;
    out.push_back(Canceled());
    return out;
  }
  while (next_ <= keys_.revision()) {
    pb::WatchResponse response;
    response.mutable_header()->set_revision(keys_.revision());
    response.set_watch_id(request_.watch_id());
    Collect(response);
    if (response.events_size() > 0) Split(std::move(response), out);
  }
  told_ = told_ || !out.empty();
  return out;
}

std::vector<pb::WatchResponse> WatchSource::Progress() {
  const bool due = request_.progress_notify() && !std::exchange(told_, false);
  // One that waits for a revision to come, or is behind, has no progress to tell.
  if (canceled_ || !due || next_ != keys_.revision() + 1) return {};
  pb::WatchResponse response;
  response.mutable_header()->set_revision(keys_.revision());
  response.set_watch_id(request_.watch_id());
  return {std::move(response)};
}

}  // namespace rollcall::etcd
