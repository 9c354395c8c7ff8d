// SimTransport: the SDK's way to simulated nodes: the same messages as over gRPC, on wires that
// delay them, and cut when either process dies. A node that is stopped gets them when it goes on.
//
// Belongs to the simulator's thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client-sdk/src/transport.h"
#include "tests/sim/sim_server.h"
#include "tests/sim/sim_stream.h"

namespace rollcall::sim {

class SimTransport final : public sdk::Transport {
 public:
  // `executor` is the client's. `on_watch` sees every message of a watch as it arrives.
  using OnWatch = std::function<void(const v1::WatchResponse&)>;
  SimTransport(const SimNetwork& network, base::Executor& queue, base::Executor& executor,
               const base::Clock& clock, uint64_t seed, Delays delays, std::string peer,
               OnWatch on_watch);
  ~SimTransport() override;

  // The client's process dies: nothing more is called back, and the node hears of it.
  void Die();
  // Every stream to this server breaks, and every call fails, whatever became of it.
  void CutConnections(const std::string& server);
  Path& way_to(const std::string& server) { return *Ways(server).up; }
  Path& way_from(const std::string& server) { return *Ways(server).down; }
  // From now on each call comes to its server twice, the second time within `later`; zero: once.
  void SendTwice(absl::Duration later) { twice_within_ = later; }
  // Hears of each request that may change what is registered, or reads it: what it returns hears
  // the answer, if one comes. What became of the others nobody knows.
  template <typename Response>
  using Heard = std::function<void(const absl::StatusOr<Response>&)>;
  struct Listener {
    virtual ~Listener() = default;
    virtual Heard<v1::RegisterResponse> Asked(const v1::RegisterRequest& request) = 0;
    virtual Heard<v1::DeregisterResponse> Asked(const v1::DeregisterRequest& request) = 0;
    virtual Heard<v1::GetInstanceResponse> Asked(const v1::GetInstanceRequest& request) = 0;
  };
  void SetListener(Listener* listener) { listener_ = listener; }
  // Calls and streams begun.
  uint64_t begun() const { return begun_; }
  // The most messages that a node had under way to it on one watch.
  int most_unread() const { return most_unread_; }
  // When a node last got a sign of life of this client.
  base::Instant last_beat() const { return last_beat_; }
  // The same of this server, up to `when`; of the newest kSigns signs.
  base::Instant last_sign(const std::string& server, base::Instant when) const;

  void Register(const std::string& server, v1::RegisterRequest request, absl::Duration timeout,
                Done<v1::RegisterResponse> done) override;
  void Deregister(const std::string& server, v1::DeregisterRequest request, absl::Duration timeout,
                  Done<v1::DeregisterResponse> done) override;
  void Resolve(const std::string& server, v1::ResolveRequest request, absl::Duration timeout,
               Done<v1::ResolveResponse> done) override;
  void GetInstance(const std::string& server, v1::GetInstanceRequest request,
                   absl::Duration timeout, Done<v1::GetInstanceResponse> done) override;
  std::unique_ptr<sdk::KeepAliveStream> KeepAlive(
      const std::string& server, sdk::StreamEvents<v1::KeepAliveResponse> events) override;
  std::unique_ptr<sdk::WatchStream> Watch(const std::string& server,
                                          sdk::StreamEvents<v1::WatchResponse> events) override;

 private:
  static constexpr size_t kSigns = 64;
  class KeepAliveLink;
  class WatchLink;

  // Calls `serve(node, call, reply)` at the server, and `done` with what it answers, or why it did
  // not.
  template <typename Response, typename Request>
  Done<Response> Overheard(const Request& request, Done<Response> done);
  template <typename Response, typename Serve>
  void Call(const std::string& server, absl::Duration timeout, Done<Response> done, Serve serve);
  struct TwoWays {
    std::shared_ptr<Path> up = std::make_shared<Path>();
    std::shared_ptr<Path> down = std::make_shared<Path>();
  };
  TwoWays& Ways(const std::string& server) { return ways_[server]; }
  SimWire Up(const std::string& server) {
    return {queue_, clock_, random_, delays_, Ways(server).up};
  }
  // What reaches a process that is stopped waits for it.
  SimWire Down(const std::string& server) {
    return {executor_, clock_, random_, delays_, Ways(server).down};
  }
  void NodeDied(const SimServer& server);
  // nullptr: nobody is there.
  SimServer* At(const std::string& server) const;

  struct OpenCall {
    const SimServer* server;
    std::function<void(absl::Status)> fail;
  };

  const SimNetwork network_;
  base::Executor& queue_;
  base::Executor& executor_;
  const base::Clock& clock_;
  base::SeededRandom random_;
  const Delays delays_;
  const std::string peer_;
  const OnWatch on_watch_;
  Listener* listener_ = nullptr;
  base::Instant last_beat_;
  std::map<std::string, std::deque<base::Instant>> signs_;  // by server, oldest first
  absl::Duration twice_within_;
  bool dead_ = false;
  uint64_t begun_ = 0;
  int most_unread_ = 0;
  std::map<std::string, TwoWays> ways_;
  std::vector<std::weak_ptr<KeepAliveLink>> sessions_;
  std::vector<std::weak_ptr<WatchLink>> watches_;
  uint64_t next_call_ = 1;
  std::map<uint64_t, OpenCall> open_calls_;
};

}  // namespace rollcall::sim
