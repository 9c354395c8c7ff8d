// DiscoveryHandler: who is there now (Watch goes from the transport to feed::PublisherPool
// directly).
//
// Thread-safe. What this node knows is answered on the calling thread from published snapshots;
// what must be waited for (LATEST, a revision not yet here) goes through the core executor.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "client-sdk/base/clock.h"
#include "client-sdk/base/executor.h"
#include "rollcall/v1/discovery.pb.h"
#include "server/catalog/view_table.h"
#include "server/replica/replica.h"
#include "server/rpc/call.h"
#include "server/rpc/resolve_cache.h"
#include "server/store/store.h"

namespace rollcall::rpc {

class DiscoveryHandler {
 public:
  // One serialised ResolveResponse in two parts, to be joined: `instances` may be null.
  struct Resolved {
    std::string head;
    std::shared_ptr<const feed::Frame> instances;
  };

  // `store_age`: since this node last confirmed its store; thread-safe.
  DiscoveryHandler(const catalog::ViewTable& views, base::Executor& core, const base::Clock& clock,
                   replica::Replica& replica, store::Store& store, feed::FrameFactory make_frame,
                   std::function<absl::Duration()> store_age);

  void Resolve(v1::ResolveRequest request, const Call& call, Reply<Resolved> reply);
  absl::StatusOr<v1::ListServicesResponse> ListServices(v1::ListServicesRequest request) const;
  absl::StatusOr<v1::GetInstanceResponse> GetInstance(v1::GetInstanceRequest request) const;

  uint64_t resolves() const { return resolves_.load(std::memory_order_relaxed); }

 private:
  Resolved Answer(const v1::ResolveRequest& request);
  void AnswerAt(v1::ResolveRequest request, Revision revision, base::Instant deadline,
                Reply<Resolved> reply);
  void AnswerLatest(v1::ResolveRequest request, base::Instant deadline, Reply<Resolved> reply);

  const catalog::ViewTable& views_;
  base::Executor& core_;
  const base::Clock& clock_;
  replica::Replica& replica_;
  store::Store& store_;
  const std::function<absl::Duration()> store_age_;
  ResolveCache cache_;
  std::atomic<uint64_t> resolves_{0};
};

}  // namespace rollcall::rpc
