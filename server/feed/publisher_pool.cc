#include "server/feed/publisher_pool.h"

#include <utility>

#include "client-sdk/base/check.h"
#include "client-sdk/base/mutex.h"
#include "server/feed/drain_status.h"

namespace rollcall::feed {
namespace {

// FNV-1a: the same in every run, unlike absl::Hash.
uint64_t HashOf(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// Puts the publishers' answers together and hands them on with the last.
class DrainGathering {
 public:
  DrainGathering(size_t expected, DrainCallback callback)
      : missing_(expected), callback_(std::move(callback)) {
    all_.set_complete(true);
  }

  void Add(const v1::GetDrainStatusResponse& answer) {
    base::MutexLock lock(mu_);
    MergeDrainStatus(answer, all_);
    if (--missing_ > 0) return;
    lock.Release();
    callback_(std::move(all_));
  }

 private:
  base::Mutex mu_;
  size_t missing_ ABSL_GUARDED_BY(mu_);
  // Guarded until the last answer, then its owner's alone.
  v1::GetDrainStatusResponse all_;
  DrainCallback callback_;
};

}  // namespace

PublisherPool::PublisherPool(absl::Span<base::Executor* const> executors, const FeedEdges& edges,
                             base::Random& random)
    : clock_(edges.clock) {
  ROLLCALL_CHECK(!executors.empty(), "a pool needs an executor");
  for (base::Executor* executor : executors) {
    publishers_.push_back(
        std::make_unique<Publisher>(*executor, edges, counters_, cut_offs_, random.Next()));
  }
}

WatcherId PublisherPool::Add(std::shared_ptr<WatchStream> stream) {
  const uint64_t n = publishers_.size();
  const WatcherId id(next_.fetch_add(1) * n + HashOf(stream->peer()) % n);
  Of(id).Add(id, std::move(stream));
  return id;
}

void PublisherPool::OnRequest(WatcherId id, v1::WatchRequest request, RequestHandled handled) {
  Of(id).OnRequest(id, std::move(request), std::move(handled));
}

void PublisherPool::OnWritten(WatcherId id, bool ok) { Of(id).OnWritten(id, ok); }

void PublisherPool::Remove(WatcherId id) { Of(id).Remove(id); }

void PublisherPool::OnPublished(absl::Span<const ServiceName> services, Revision revision) {
  for (const auto& publisher : publishers_) {
    publisher->OnPublished({services.begin(), services.end()}, revision);
  }
}

void PublisherPool::DrainStatus(const ServiceName& name, Revision revision,
                                DrainCallback callback) {
  auto gathering = std::make_shared<DrainGathering>(
      publishers_.size(), [this, name, revision,
                           callback = std::move(callback)](v1::GetDrainStatusResponse all) mutable {
        cut_offs_.AddLaggards(name, revision, clock_.Steady(), all);
        callback(std::move(all));
      });
  for (const auto& publisher : publishers_) {
    publisher->DrainStatus(
        name, revision, [gathering](v1::GetDrainStatusResponse answer) { gathering->Add(answer); });
  }
}

void PublisherPool::CloseAll(const absl::Status& status, absl::Duration spread) {
  for (const auto& publisher : publishers_) publisher->CloseAll(status, spread);
}

void PublisherPool::SendAway(const absl::Status& status) {
  for (const auto& publisher : publishers_) publisher->SendAway(status, kSendAwaySpread);
}

void PublisherPool::TakeAgain() {
  for (const auto& publisher : publishers_) publisher->TakeAgain();
}

}  // namespace rollcall::feed
