// WatchCall: a stream with one watch on it, and the handle that its owner holds.
//
// Reads ahead of its owner by kMostAhead answers at most: then etcd waits.
// Lives on the completion thread, all but WatchLink's `events`, which is the owner's executor's.
#pragma once

#include <atomic>
#include <memory>

#include "server/store/etcd/etcd_api.h"
#include "server/store/etcd/grpc/call.h"

namespace rollcall::etcd {

class WatchCall;

// Between a watch and its owner, who may go first.
struct WatchLink {
  explicit WatchLink(WatchEvents& owner) : events(&owner) {}
  WatchEvents* events;
  // Answers that the owner has not taken yet.
  std::atomic<int> ahead = 0;
};

class WatchCall final : public Call {
 public:
  static constexpr int kMostAhead = 8;

  // `wiring` must be owned by a shared_ptr; `deadline` is for reaching a member.
  WatchCall(std::shared_ptr<Wiring> wiring, base::Instant deadline, pb::WatchCreateRequest request,
            std::shared_ptr<WatchLink> link);

  // The owner has caught up.
  void Resume();

 private:
  struct WatchFlight;

  Member* Choose() override { return wiring().members->PickForWatch(); }
  void Send(Member& member) override;
  void Fail(absl::Status why) override;
  void Read(Member& member, std::shared_ptr<WatchFlight> flight);
  void OnResponse(Member& member, std::shared_ptr<WatchFlight> flight);
  void Deliver(Member& member, std::shared_ptr<WatchFlight> flight);
  void Finish(Member& member, std::shared_ptr<WatchFlight> flight);

  const std::weak_ptr<Wiring> weak_wiring_;
  const std::shared_ptr<WatchLink> link_;
  pb::WatchRequest request_;
  // The first answer may say that the token was not accepted; then another is tried.
  bool answered_ = false;
};

class GrpcWatchHandle final : public WatchHandle {
 public:
  GrpcWatchHandle(std::weak_ptr<Wiring> wiring, std::weak_ptr<WatchCall> call,
                  std::shared_ptr<WatchLink> link);
  ~GrpcWatchHandle() override;

 private:
  const std::weak_ptr<Wiring> wiring_;
  const std::weak_ptr<WatchCall> call_;
  const std::shared_ptr<WatchLink> link_;
};

}  // namespace rollcall::etcd
