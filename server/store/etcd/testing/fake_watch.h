// FakeWatch: one watch of one node, from the cluster to the node's ears.
//
// Held up (a lagging member, a silent network), it tells nothing and catches up afterwards. Shared
// by the handle, which ends it, and the tasks that bring its messages.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "client-sdk/base/instant.h"
#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/testing/watch_source.h"

namespace rollcall::etcd {

class FakeEtcd;
class FakeEtcdClient;

class FakeWatch final : public std::enable_shared_from_this<FakeWatch> {
 public:
  FakeWatch(FakeEtcd& etcd, FakeEtcdClient& client, pb::WatchCreateRequest request,
            WatchEvents& events);

  // The request has reached the cluster.
  void Open();
  // Sends what has not been sent, unless it is held up.
  void Pump();
  void Progress();
  // The cluster ends the stream; the node hears of it when the network lets it through.
  void Break(absl::Status why);
  // The stream is over, after what was sent before.
  void End(absl::Status why);
  bool ended() const { return ended_; }
  // Its holder wants to hear no more.
  void Drop();

 private:
  bool Flows() const;
  void Send(pb::WatchResponse response);
  // As a task at the node's, in order.
  void Deliver(absl::AnyInvocable<void(WatchEvents&)> message);

  FakeEtcd& etcd_;
  // Null once dropped, or when the client is gone, which drops it.
  FakeEtcdClient* client_;
  WatchEvents* events_;
  const pb::WatchCreateRequest request_;
  std::unique_ptr<WatchSource> source_;
  // Broken, and the node has not heard of it.
  absl::Status broken_;
  bool ended_ = false;
  // When the last message sent arrives.
  base::Instant arrives_;
};

}  // namespace rollcall::etcd
