// SimStream: one bidirectional stream between a client and the node, at the level of messages.
//
// The client's half is an sdk::OutStream, whose destruction cancels the stream; the node's half is
// what the derived class makes of it. Either end may go away at any time; what is on the wire to
// the other still arrives, and then the end.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "client-sdk/src/transport.h"
#include "tests/sim/sim_wire.h"

namespace rollcall::sim {

template <typename Request, typename Response>
class SimStream : public std::enable_shared_from_this<SimStream<Request, Response>> {
 public:
  using Events = sdk::StreamEvents<Response>;

  SimStream(SimWire to_node, SimWire to_client, Events events)
      : to_node_(to_node), to_client_(to_client), events_(std::move(events)) {}
  virtual ~SimStream() = default;

  // The client's half, to be handed to the SDK. Call once.
  std::unique_ptr<sdk::OutStream<Request>> Connect() {
    Up([](SimStream& s) {
      // The process that it was meant for may have died, and another one have begun.
      if (!s.node_gone_) s.NodeOpened();
    });
    return std::make_unique<Half>(this->shared_from_this());
  }
  // The client's process died: its kernel tells the node that the connection is gone.
  void ClientDied() {
    Detach();
    Up([](SimStream& s) { s.EndAtNode("the connection was lost or the call cancelled"); });
  }
  // The node's process died.
  void NodeDied() {
    if (std::exchange(node_gone_, true)) return;
    NodeLost();
    Down([](SimStream& s) { s.EndAtClient(absl::UnavailableError("the connection was lost")); });
  }
  // The connection breaks: both are told.
  void Cut() {
    Up([](SimStream& s) { s.EndAtNode("the connection was lost"); });
    Down([](SimStream& s) { s.EndAtClient(absl::UnavailableError("the connection was lost")); });
  }
  bool over() const { return node_gone_ && detached_; }

 protected:
  // The node's half.
  virtual void NodeOpened() = 0;
  virtual void NodeGot(const Request& request) = 0;
  virtual void NodeEnded(std::string how) = 0;
  // The node's process is no more: let go of what belongs to it, without calling it.
  virtual void NodeLost() = 0;
  virtual void ClientGets(const Response&) {}
  // A message has come through, whether or not anybody is there to take it.
  virtual void Arrived() {}

  void ToClient(Response message) {
    if (node_gone_) return;
    Down([message = std::move(message)](SimStream& s) mutable {
      s.Arrived();
      if (s.detached_) return;
      s.ClientGets(message);
      s.events_.on_message(std::move(message));
    });
  }
  void CloseToClient(absl::Status status) {
    if (std::exchange(node_gone_, true)) return;
    Down([status = std::move(status)](SimStream& s) { s.EndAtClient(status); });
  }
  bool node_gone() const { return node_gone_; }

 private:
  class Half final : public sdk::OutStream<Request> {
   public:
    explicit Half(std::shared_ptr<SimStream> stream) : stream_(std::move(stream)) {}
    ~Half() override {
      stream_->Detach();
      if (finished_) return;
      stream_->Up(
          [](SimStream& s) { s.EndAtNode("the connection was lost or the call cancelled"); });
    }
    void Send(Request message) override {
      stream_->Up([message = std::move(message)](SimStream& s) {
        if (!s.node_gone_) s.NodeGot(message);
      });
    }
    void Finish() override {
      finished_ = true;
      stream_->Up([](SimStream& s) { s.EndAtNode("the client closed it"); });
    }

   private:
    const std::shared_ptr<SimStream> stream_;
    bool finished_ = false;
  };

  template <typename F>
  void Up(F f) {
    to_node_.Send([self = this->shared_from_this(), f = std::move(f)]() mutable { f(*self); });
  }
  template <typename F>
  void Down(F f) {
    to_client_.Send([self = this->shared_from_this(), f = std::move(f)]() mutable { f(*self); });
  }
  void Detach() { detached_ = true; }
  void EndAtNode(std::string how) {
    if (node_gone_) return;
    NodeEnded(std::move(how));
    CloseToClient(absl::OkStatus());
  }
  void EndAtClient(const absl::Status& status) {
    if (!std::exchange(detached_, true)) events_.on_end(status);
  }

  SimWire to_node_;
  SimWire to_client_;
  Events events_;
  bool node_gone_ = false;
  bool detached_ = false;
};

}  // namespace rollcall::sim
