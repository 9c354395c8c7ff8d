#include "tests/sim/sim_transport.h"

#include <utility>

namespace rollcall::sim {

class SimTransport::KeepAliveLink final
    : public SimStream<v1::KeepAliveRequest, v1::KeepAliveResponse> {
 public:
  KeepAliveLink(SimTransport& transport, Events events)
      : SimStream(transport.NewWire(), transport.NewWire(), std::move(events)),
        transport_(transport) {}

 private:
  // What the session table talks to; it may outlive the link.
  struct Stream final : health::SessionStream {
    Stream(std::weak_ptr<KeepAliveLink> l, std::string p)
        : link(std::move(l)), peer_name(std::move(p)) {}
    void Send(v1::KeepAliveResponse message) override {
      const auto self = link.lock();
      if (self == nullptr || self->node_gone()) return;
      const catalog::ViewTable& views = self->transport_.node_.node().views();
      message.set_revision(views.applied().value());
      message.set_store_id(views.store_id().value());
      message.set_store_reachable(true);
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
    if (!transport_.node_.up()) return NodeDied();
    const auto self = std::static_pointer_cast<KeepAliveLink>(shared_from_this());
    protocol_ = std::make_unique<health::KeepAliveProtocol>(
        transport_.node_.node().sessions(), std::make_shared<Stream>(self, transport_.peer_));
  }
  void NodeGot(const v1::KeepAliveRequest& request) override {
    if (protocol_ == nullptr) return;
    transport_.last_beat_ = transport_.clock_.Steady();
    protocol_->OnMessage(request);
  }
  void NodeEnded(std::string how) override {
    if (protocol_ != nullptr) protocol_->OnEnd(std::move(how));
  }
  void NodeLost() override { protocol_ = nullptr; }

  SimTransport& transport_;
  std::unique_ptr<health::KeepAliveProtocol> protocol_;
};

class SimTransport::WatchLink final : public SimStream<v1::WatchRequest, v1::WatchResponse> {
 public:
  WatchLink(SimTransport& transport, Events events)
      : SimStream(transport.NewWire(), transport.NewWire(), std::move(events)),
        transport_(transport) {}

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
      self->ToClient(std::move(message));
      feed::PublisherPool& feed = self->transport_.node_.node().feed();
      self->transport_.node_.executor().Post(
          [&feed, id = self->id_] { feed.OnWritten(*id, true); });
    }
    void Close(absl::Status status) override {
      if (const auto self = link.lock()) self->CloseToClient(std::move(status));
    }
    const std::string& peer() const override { return peer_name; }
    const std::weak_ptr<WatchLink> link;
    const std::string peer_name;
  };

  void NodeOpened() override {
    if (!transport_.node_.up()) return NodeDied();
    const auto self = std::static_pointer_cast<WatchLink>(shared_from_this());
    id_ = transport_.node_.node().feed().Add(std::make_shared<Stream>(self, transport_.peer_));
  }
  void NodeGot(const v1::WatchRequest& request) override {
    if (id_) transport_.node_.node().feed().OnRequest(*id_, request);
  }
  void NodeEnded(std::string) override {
    if (id_) transport_.node_.node().feed().Remove(*id_);
  }
  void NodeLost() override { id_.reset(); }
  void ClientGets(const v1::WatchResponse& message) override {
    if (transport_.on_watch_) transport_.on_watch_(message);
  }

  SimTransport& transport_;
  std::optional<feed::WatcherId> id_;
};

SimTransport::SimTransport(SimNode& node, base::Executor& queue, base::Executor& executor,
                           const base::Clock& clock, uint64_t seed, Delays delays, std::string peer,
                           OnWatch on_watch)
    : node_(node),
      queue_(queue),
      executor_(executor),
      clock_(clock),
      random_(seed),
      delays_(delays),
      peer_(std::move(peer)),
      on_watch_(std::move(on_watch)) {
  node_.OnCrash([this] { NodeDied(); });
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

void SimTransport::NodeDied() {
  for (const auto& link : sessions_) {
    if (const auto alive = link.lock()) alive->NodeDied();
  }
  for (const auto& link : watches_) {
    if (const auto alive = link.lock()) alive->NodeDied();
  }
  const auto calls = open_calls_;
  for (const auto& [id, fail] : calls) fail(absl::UnavailableError("the connection was lost"));
}

template <typename Response, typename Serve>
void SimTransport::Call(absl::Duration timeout, Done<Response> done, Serve serve) {
  const uint64_t id = next_call_++;
  // The first to settle it wins: an answer, the deadline, or the loss of the connection.
  auto shared = std::make_shared<Done<Response>>(std::move(done));
  auto settle = [this, id, shared](absl::StatusOr<Response> answer) {
    if (open_calls_.erase(id) == 0) return;
    executor_.Post(
        [shared, answer = std::move(answer)]() mutable { (*shared)(std::move(answer)); });
  };
  open_calls_[id] = [settle](absl::Status status) { settle(std::move(status)); };
  queue_.PostAt(clock_.Steady() + timeout,
                [settle] { settle(absl::DeadlineExceededError("no answer in time")); });
  auto to_client = std::make_shared<SimWire>(NewWire());
  NewWire().Send([this, settle, serve = std::move(serve), to_client, timeout]() mutable {
    if (!node_.up()) {
      to_client->Send([settle] { settle(absl::UnavailableError("nobody listens")); });
      return;
    }
    const rpc::Call call{clock_.Steady() + timeout, peer_, [this] { return dead_; }};
    serve(call, [settle, to_client](absl::StatusOr<Response> answer) {
      to_client->Send(
          [settle, answer = std::move(answer)]() mutable { settle(std::move(answer)); });
    });
  });
}

void SimTransport::Register(const std::string&, v1::RegisterRequest request, absl::Duration timeout,
                            Done<v1::RegisterResponse> done) {
  Call<v1::RegisterResponse>(timeout, std::move(done), [this, request](auto call, auto reply) {
    node_.node().registry().Register(request, call, reply);
  });
}

void SimTransport::Deregister(const std::string&, v1::DeregisterRequest request,
                              absl::Duration timeout, Done<v1::DeregisterResponse> done) {
  Call<v1::DeregisterResponse>(timeout, std::move(done), [this, request](auto call, auto reply) {
    node_.node().registry().Deregister(request, call, reply);
  });
}

void SimTransport::Resolve(const std::string&, v1::ResolveRequest request, absl::Duration timeout,
                           Done<v1::ResolveResponse> done) {
  Call<v1::ResolveResponse>(timeout, std::move(done), [this, request](auto call, auto reply) {
    node_.node().discovery().Resolve(
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

void SimTransport::GetInstance(const std::string&, v1::GetInstanceRequest request,
                               absl::Duration timeout, Done<v1::GetInstanceResponse> done) {
  Call<v1::GetInstanceResponse>(timeout, std::move(done), [this, request](auto, auto reply) {
    reply(node_.node().discovery().GetInstance(request));
  });
}

std::unique_ptr<sdk::KeepAliveStream> SimTransport::KeepAlive(
    const std::string&, sdk::StreamEvents<v1::KeepAliveResponse> events) {
  auto link = std::make_shared<KeepAliveLink>(*this, std::move(events));
  sessions_.push_back(link);
  return link->Connect();
}

std::unique_ptr<sdk::WatchStream> SimTransport::Watch(const std::string&,
                                                      sdk::StreamEvents<v1::WatchResponse> events) {
  auto link = std::make_shared<WatchLink>(*this, std::move(events));
  watches_.push_back(link);
  return link->Connect();
}

}  // namespace rollcall::sim
