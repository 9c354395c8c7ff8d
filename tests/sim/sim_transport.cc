#include "tests/sim/sim_transport.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "client-sdk/base/check.h"
#include "server/health/keep_alive_protocol.h"
#include "tests/sim/sim_frame.h"

namespace rollcall::sim {
namespace {

template <typename Link>
void Forget(std::vector<std::weak_ptr<Link>>& links) {
  std::erase_if(links, [](const auto& link) { return link.expired(); });
}

}  // namespace

class SimTransport::KeepAliveLink final
    : public SimStream<v1::KeepAliveRequest, v1::KeepAliveResponse> {
 public:
  KeepAliveLink(SimTransport& transport, const std::string& server, Events events)
      : SimStream(transport.Up(server), transport.Down(server), std::move(events)),
        transport_(transport),
        address_(server),
        server_(transport.At(server)) {}
  const SimServer* server() const { return server_; }

 private:
  // What the session table talks to; it may outlive the link.
  struct Stream final : health::SessionStream {
    Stream(std::weak_ptr<KeepAliveLink> l, std::string p)
        : link(std::move(l)), peer_name(std::move(p)) {}
    void Send(v1::KeepAliveResponse message) override {
      const auto self = link.lock();
      if (self == nullptr || self->node_gone()) return;
      node::Node& node = self->server_->node();
      message.set_revision(node.views().applied().value());
      message.set_store_id(node.views().store_id().value());
      message.set_store_reachable(node.sessions().store_reachable());
      self->ToClient(std::move(message));
    }
    void Close(absl::Status status) override {
      if (const auto self = link.lock()) self->CloseToClient(std::move(status));
    }
    const std::string& peer() const override { return peer_name; }
    const std::weak_ptr<KeepAliveLink> link;
    const std::string peer_name;
  };

  void NodeOpened() override {
    if (server_ == nullptr || !server_->up()) return NodeDied();
    AtServer([](KeepAliveLink& self) {
      self.protocol_ = std::make_unique<health::KeepAliveProtocol>(
          self.server_->node().sessions(),
          std::make_shared<Stream>(std::static_pointer_cast<KeepAliveLink>(self.shared_from_this()),
                                   self.transport_.peer_));
    });
  }
  void NodeGot(const v1::KeepAliveRequest& request) override {
    AtServer([request](KeepAliveLink& self) {
      // What a frozen node reads after the sender's death says nothing of when that was alive.
      const bool goodbye =
          request.has_leave() && request.leave().reason() == v1::KeepAliveRequest::REASON_STOPPING;
      if (!self.transport_.dead_ && !goodbye) {
        self.transport_.last_beat_ = self.transport_.clock_.Steady();
        auto& signs = self.transport_.signs_[self.address_];
        signs.push_back(self.transport_.last_beat_);
        if (signs.size() > kSigns) signs.pop_front();
      }
      self.protocol_->OnMessage(request);
    });
  }
  void NodeEnded(std::string how) override {
    AtServer([how = std::move(how)](KeepAliveLink& self) { self.protocol_->OnEnd(how); });
  }
  void NodeLost() override { protocol_ = nullptr; }
  // The process takes from its socket what has arrived there.
  template <typename F>
  void AtServer(F f) {
    server_->executor().Post([self = std::static_pointer_cast<KeepAliveLink>(shared_from_this()),
                              f = std::move(f)] { f(*self); });
  }

  SimTransport& transport_;
  const std::string address_;
  SimServer* const server_;
  std::unique_ptr<health::KeepAliveProtocol> protocol_;
};

class SimTransport::WatchLink final : public SimStream<v1::WatchRequest, v1::WatchResponse> {
 public:
  WatchLink(SimTransport& transport, const std::string& server, Events events)
      : SimStream(transport.Up(server), transport.Down(server), std::move(events)),
        transport_(transport),
        server_(transport.At(server)) {}
  const SimServer* server() const { return server_; }

 private:
  struct Stream final : feed::WatchStream {
    Stream(std::weak_ptr<WatchLink> l, std::string p)
        : link(std::move(l)), peer_name(std::move(p)) {}
    void Write(std::string prefix, std::shared_ptr<const feed::Frame> body) override {
      const auto self = link.lock();
      if (self == nullptr || self->node_gone()) return;
      v1::WatchResponse message;
      ROLLCALL_CHECK(message.ParseFromString(SimFrame::Join(std::move(prefix), body)),
                     "the feed writes whole messages");
      self->transport_.most_unread_ = std::max(self->transport_.most_unread_, ++self->unread_);
      self->ToClient(std::move(message));
    }
    void Close(absl::Status status) override {
      if (const auto self = link.lock()) self->CloseToClient(std::move(status));
    }
    const std::string& peer() const override { return peer_name; }
    const std::weak_ptr<WatchLink> link;
    const std::string peer_name;
  };

  void NodeOpened() override {
    if (server_ == nullptr || !server_->up()) return NodeDied();
    AtServer([](WatchLink& self) {
      self.id_ = self.server_->node().feed().Add(std::make_shared<Stream>(
          std::static_pointer_cast<WatchLink>(self.shared_from_this()), self.transport_.peer_));
    });
  }
  void NodeGot(const v1::WatchRequest& request) override {
    AtServer(
        [request](WatchLink& self) { self.server_->node().feed().OnRequest(*self.id_, request); });
  }
  void NodeEnded(std::string) override {
    AtServer([](WatchLink& self) { self.server_->node().feed().Remove(*self.id_); });
  }
  template <typename F>
  void AtServer(F f) {
    server_->executor().Post([self = std::static_pointer_cast<WatchLink>(shared_from_this()),
                              f = std::move(f)] { f(*self); });
  }
  void NodeLost() override { id_.reset(); }
  // As with a window of one message: the next is asked for when this one is there.
  void Arrived() override {
    --unread_;
    if (node_gone() || !id_) return;
    AtServer([](WatchLink& self) {
      if (self.id_) self.server_->node().feed().OnWritten(*self.id_, true);
    });
  }
  void ClientGets(const v1::WatchResponse& message) override {
    if (transport_.on_watch_) transport_.on_watch_(message);
  }

  SimTransport& transport_;
  SimServer* const server_;
  std::optional<feed::WatcherId> id_;
  int unread_ = 0;
};

SimTransport::SimTransport(const SimNetwork& network, base::Executor& queue,
                           base::Executor& executor, const base::Clock& clock, uint64_t seed,
                           Delays delays, std::string peer, OnWatch on_watch)
    : network_(network),
      queue_(queue),
      executor_(executor),
      clock_(clock),
      random_(seed),
      delays_(delays),
      peer_(std::move(peer)),
      on_watch_(std::move(on_watch)) {
  for (const auto& [address, server] : network_) {
    server->OnCrash([this, server = server] { NodeDied(*server); });
  }
}

SimTransport::~SimTransport() {
  for (const auto& [server, ways] : ways_) {
    ways.up->Drop();
    ways.down->Drop();
  }
}

base::Instant SimTransport::last_sign(const std::string& server, base::Instant when) const {
  const auto at = signs_.find(server);
  if (at == signs_.end()) return {};
  const auto after = std::upper_bound(at->second.begin(), at->second.end(), when);
  return after == at->second.begin() ? base::Instant() : *std::prev(after);
}

SimServer* SimTransport::At(const std::string& server) const {
  const auto at = network_.find(server);
  return at == network_.end() ? nullptr : at->second;
}

void SimTransport::Die() {
  dead_ = true;
  open_calls_.clear();
  for (const auto& link : sessions_) {
    if (const auto alive = link.lock()) alive->ClientDied();
  }
  for (const auto& link : watches_) {
    if (const auto alive = link.lock()) alive->ClientDied();
  }
}

void SimTransport::CutConnections(const std::string& server) {
  const SimServer* const at = At(server);
  for (const auto& link : sessions_) {
    if (const auto alive = link.lock(); alive && alive->server() == at) alive->Cut();
  }
  for (const auto& link : watches_) {
    if (const auto alive = link.lock(); alive && alive->server() == at) alive->Cut();
  }
  const auto calls = open_calls_;
  for (const auto& [id, call] : calls) {
    if (call.server == at) call.fail(absl::UnavailableError("the connection was lost"));
  }
}

void SimTransport::NodeDied(const SimServer& server) {
  for (const auto& link : sessions_) {
    if (const auto alive = link.lock(); alive && alive->server() == &server) alive->NodeDied();
  }
  for (const auto& link : watches_) {
    if (const auto alive = link.lock(); alive && alive->server() == &server) alive->NodeDied();
  }
  const auto calls = open_calls_;
  for (const auto& [id, call] : calls) {
    if (call.server == &server) call.fail(absl::UnavailableError("the connection was lost"));
  }
}

template <typename Response, typename Serve>
void SimTransport::Call(const std::string& address, absl::Duration timeout, Done<Response> done,
                        Serve serve) {
  const uint64_t id = next_call_++;
  ++begun_;
  // The first to settle it wins: an answer, the deadline, or the loss of the connection.
  auto shared = std::make_shared<Done<Response>>(std::move(done));
  auto settle = [this, id, shared](absl::StatusOr<Response> answer) {
    if (open_calls_.erase(id) == 0) return;
    executor_.Post(
        [shared, answer = std::move(answer)]() mutable { (*shared)(std::move(answer)); });
  };
  SimServer* const server = At(address);
  open_calls_[id] = {server, [settle](absl::Status status) { settle(std::move(status)); }};
  queue_.PostAt(clock_.Steady() + timeout,
                [settle] { settle(absl::DeadlineExceededError("no answer in time")); });
  auto to_client = std::make_shared<SimWire>(Down(address));
  if (twice_within_ > absl::ZeroDuration()) {
    const base::Instant again =
        clock_.Steady() + random_.Between(absl::ZeroDuration(), twice_within_);
    queue_.PostAt(again, [this, address, server, serve, timeout] {
      // On the way that the first took, with all that is wrong there by then.
      Up(address).Send([this, server, serve, timeout]() mutable {
        if (server == nullptr || !server->up()) return;
        const rpc::Call call{server->ItsTime(clock_.Steady()) + timeout, peer_, nullptr};
        server->executor().Post([server, call, serve = std::move(serve)]() mutable {
          serve(server->node(), call, [](const absl::StatusOr<Response>&) {});
        });
      });
    });
  }
  Up(address).Send([this, server, settle, serve = std::move(serve), to_client, timeout]() mutable {
    if (server == nullptr || !server->up()) {
      to_client->Send([settle] { settle(absl::UnavailableError("nobody listens")); });
      return;
    }
    const rpc::Call call{server->ItsTime(clock_.Steady()) + timeout, peer_,
                         [this] { return dead_; }};
    server->executor().Post([server, call, settle, serve = std::move(serve), to_client] {
      serve(server->node(), call, [settle, to_client](absl::StatusOr<Response> answer) {
        to_client->Send(
            [settle, answer = std::move(answer)]() mutable { settle(std::move(answer)); });
      });
    });
  });
}

template <typename Response, typename Request>
SimTransport::Done<Response> SimTransport::Overheard(const Request& request, Done<Response> done) {
  if (listener_ == nullptr) return done;
  return [heard = listener_->Asked(request),
          done = std::move(done)](absl::StatusOr<Response> answer) mutable {
    heard(answer);
    done(std::move(answer));
  };
}

void SimTransport::Register(const std::string& server, v1::RegisterRequest request,
                            absl::Duration timeout, Done<v1::RegisterResponse> done) {
  Call<v1::RegisterResponse>(server, timeout, Overheard(request, std::move(done)),
                             [request](node::Node& node, auto call, auto reply) {
                               node.registry().Register(request, call, reply);
                             });
}

void SimTransport::Deregister(const std::string& server, v1::DeregisterRequest request,
                              absl::Duration timeout, Done<v1::DeregisterResponse> done) {
  Call<v1::DeregisterResponse>(server, timeout, Overheard(request, std::move(done)),
                               [request](node::Node& node, auto call, auto reply) {
                                 node.registry().Deregister(request, call, reply);
                               });
}

void SimTransport::Resolve(const std::string& server, v1::ResolveRequest request,
                           absl::Duration timeout, Done<v1::ResolveResponse> done) {
  Call<v1::ResolveResponse>(
      server, timeout, std::move(done), [request](node::Node& node, auto call, auto reply) {
        node.discovery().Resolve(
            request, call, [reply](absl::StatusOr<rpc::DiscoveryHandler::Resolved> resolved) {
              if (!resolved.ok()) return reply(resolved.status());
              v1::ResolveResponse response;
              ROLLCALL_CHECK(
                  response.ParseFromString(SimFrame::Join(resolved->head, resolved->instances)),
                  "resolve answers whole messages");
              reply(std::move(response));
            });
      });
}

void SimTransport::GetInstance(const std::string& server, v1::GetInstanceRequest request,
                               absl::Duration timeout, Done<v1::GetInstanceResponse> done) {
  Call<v1::GetInstanceResponse>(server, timeout, Overheard(request, std::move(done)),
                                [request](node::Node& node, auto call, auto reply) {
                                  node.discovery().GetInstance(request, std::move(call),
                                                               std::move(reply));
                                });
}

std::unique_ptr<sdk::KeepAliveStream> SimTransport::KeepAlive(
    const std::string& server, sdk::StreamEvents<v1::KeepAliveResponse> events) {
  auto link = std::make_shared<KeepAliveLink>(*this, server, std::move(events));
  Forget(sessions_);
  ++begun_;
  sessions_.push_back(link);
  return link->Connect();
}

std::unique_ptr<sdk::WatchStream> SimTransport::Watch(const std::string& server,
                                                      sdk::StreamEvents<v1::WatchResponse> events) {
  auto link = std::make_shared<WatchLink>(*this, server, std::move(events));
  Forget(watches_);
  ++begun_;
  watches_.push_back(link);
  return link->Connect();
}

}  // namespace rollcall::sim
