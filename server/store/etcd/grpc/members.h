// Members: all endpoints of one etcd, and which of them is used.
//
// Calls stay with one member until it fails them; then the next that is connected is used.
// Lives on the completion thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/store/etcd/grpc/member.h"

namespace rollcall::etcd {

class Members {
 public:
  // In the order of the endpoints, beginning with number `first`.
  Members(const GrpcEtcdOptions& options, const ChannelFactory& channels, const base::Clock& clock,
          CompletionThread& thread, size_t first);

  // Where to send; nullptr if none is connected.
  Member* Pick();
  // The same for a watch; each one goes to another member than the one before, if it can.
  Member* PickForWatch();
  // What was sent there was not answered, or it said that it cannot: another one is used.
  void Failed(const Member& member);
  // Runs `then` when there may be a member to pick.
  void WhenConnected(std::function<void()> then);
  // For people: what keeps each from being reached.
  std::string Troubles() const;

  const std::vector<std::unique_ptr<Member>>& all() const { return members_; }
  void Close();

 private:
  void OnChange();
  void RunWaiting();
  // The first that is connected, beginning with number `from`; nullptr if none is.
  Member* ReadyFrom(size_t from, size_t& at) const;

  CompletionThread& thread_;
  std::vector<std::unique_ptr<Member>> members_;
  size_t preferred_;
  std::optional<size_t> last_watched_;
  std::vector<std::function<void()>> waiting_;
  bool head_start_timer_ = false;
};

}  // namespace rollcall::etcd
