// Member: one etcd endpoint: its connection, the calls under way on it, and whether it lives.
//
// Always tries to be connected. While calls are under way and nothing comes from it, it is asked
// for a sign of life; without one the connection is given up, its calls end UNAVAILABLE, and a
// new connection is made.
//
// Lives on the completion thread.
#pragma once

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "etcd/rpc.grpc.pb.h"
#include "server/store/etcd/grpc/channel_factory.h"
#include "server/store/etcd/grpc/completion_thread.h"
#include "server/store/etcd/grpc/flight.h"

namespace rollcall::etcd {

class Member {
 public:
  using StatusDone = std::function<void(absl::StatusOr<etcdserverpb::StatusResponse>)>;

  // `on_change`: ready() or head_start_until() has changed. The references outlive it.
  Member(Endpoint endpoint, const ChannelFactory& channels, const GrpcEtcdOptions& options,
         const base::Clock& clock, CompletionThread& thread, std::function<void()> on_change);

  const Endpoint& endpoint() const { return endpoint_; }
  // Connected.
  bool ready() const { return state_ == GRPC_CHANNEL_READY; }
  // Not connected, but no attempt has failed yet and it is not long: until then at most.
  std::optional<base::Instant> head_start_until() const;
  // Why it could not be reached last; empty if it could.
  const std::string& trouble() const { return trouble_; }

  template <typename Service>
  typename Service::Stub& stub() {
    return *std::get<std::unique_ptr<typename Service::Stub>>(stubs_);
  }

  // Around each call here.
  void Begin(Flight& flight);
  void End(Flight& flight);
  // Something came from it.
  void Heard() { heard_ = true; }

  // Asks for its status, which it answers without the others.
  void AskStatus(absl::Duration within, StatusDone done);

  // The end: gives up all calls and the connection.
  void Close();

 private:
  using Stubs = std::tuple<
      std::unique_ptr<etcdserverpb::KV::Stub>, std::unique_ptr<etcdserverpb::Watch::Stub>,
      std::unique_ptr<etcdserverpb::Lease::Stub>, std::unique_ptr<etcdserverpb::Maintenance::Stub>,
      std::unique_ptr<etcdserverpb::Auth::Stub>>;

  void Connect();
  void Disconnect(const absl::Status& why);
  // Waits for the channel to leave `state_`.
  void AwaitChange();
  void OnChange();
  // Tells people that there is no connection, once until there is one again.
  void TellTrouble(absl::string_view what, absl::string_view why);
  // Learns why there is no connection.
  void AskTrouble();
  // Looks after a while whether something came.
  void ListenLater();
  void Listen();

  const Endpoint endpoint_;
  const ChannelFactory& channels_;
  const EtcdTiming& timing_;
  observe::Log* const log_;
  const base::Clock& clock_;
  CompletionThread& thread_;
  const std::function<void()> on_change_;

  std::shared_ptr<grpc::Channel> channel_;
  // Counts channels: what belongs to an earlier one is not heeded.
  uint64_t generation_ = 0;
  Stubs stubs_;
  grpc_connectivity_state state_ = GRPC_CHANNEL_IDLE;
  base::Instant lost_at_;
  bool failed_ = false;
  std::string trouble_;
  bool asking_trouble_ = false;
  bool told_ = false;

  absl::flat_hash_set<Flight*> flights_;
  bool heard_ = false;
  bool listening_ = false;
  bool closed_ = false;
};

}  // namespace rollcall::etcd
