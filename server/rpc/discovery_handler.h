// DiscoveryHandler: who is there now (Watch goes from the transport to feed::PublisherPool
// directly).
//
// Thread-safe. What this node knows is answered on the calling thread from published snapshots;
// what must be waited for (LATEST, a revision not yet here, a denial) goes through the core
// executor.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "rollcall/v1/discovery.pb.h"
#include "server/catalog/view_table.h"
#include "server/model/ids.h"
#include "server/rpc/call.h"
#include "server/rpc/read_gate.h"
#include "server/rpc/resolve_cache.h"

namespace rollcall::rpc {

class DiscoveryHandler {
 public:
  // One serialised ResolveResponse in two parts, to be joined: `instances` may be null.
  struct Resolved {
    std::string head;
    std::shared_ptr<const feed::Frame> instances;
  };

  // `store_age`: since this node last confirmed its store; thread-safe.
  DiscoveryHandler(const catalog::ViewTable& views, ReadGate& reads, feed::FrameFactory make_frame,
                   std::function<absl::Duration()> store_age);

  void Resolve(v1::ResolveRequest request, const Call& call, Reply<Resolved> reply);
  absl::StatusOr<v1::ListServicesResponse> ListServices(v1::ListServicesRequest request) const;
  void GetInstance(v1::GetInstanceRequest request, Call call, Reply<v1::GetInstanceResponse> reply);

  uint64_t resolves() const { return resolves_.load(std::memory_order_relaxed); }

 private:
  Resolved Answer(const v1::ResolveRequest& request);
  // NOT_FOUND: this node does not know it.
  absl::StatusOr<v1::GetInstanceResponse> Look(const InstanceName& name) const;

  const catalog::ViewTable& views_;
  ReadGate& reads_;
  const std::function<absl::Duration()> store_age_;
  ResolveCache cache_;
  std::atomic<uint64_t> resolves_{0};
};

}  // namespace rollcall::rpc
