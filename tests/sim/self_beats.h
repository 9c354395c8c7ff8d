// SelfBeats: the KeepAlive of a node to itself, by which it finds out whether it can notice
// others'. As rollcalld's, it is opened again when the node has closed it. Belongs to the node's
// process.
#pragma once

#include <memory>
#include <string>

#include "server/health/keep_alive_protocol.h"
#include "server/node/node.h"

namespace rollcall::sim {

class SelfBeats {
 public:
  SelfBeats(node::Node& node, base::Executor& executor, const base::Clock& clock)
      : sessions_(node.sessions()), executor_(executor), clock_(clock) {
    Beat();
  }

 private:
  struct Stream final : health::SessionStream {
    void Send(v1::KeepAliveResponse) override {}
    void Close(absl::Status) override { closed = true; }
    const std::string& peer() const override { return name; }
    const std::string name = "self";
    bool closed = false;
  };
  void Open() {
    if (protocol_ != nullptr) protocol_->OnEnd("it was closed");
    stream_ = std::make_shared<Stream>();
    protocol_ = std::make_unique<health::KeepAliveProtocol>(sessions_, stream_);
    v1::KeepAliveRequest message;
    message.mutable_open()->set_session_id(sessions_.node_session_id().value());
    message.mutable_open()->set_session_secret(sessions_.node_session_secret());
    protocol_->OnMessage(message);
  }
  void Beat() {
    if (stream_ == nullptr || stream_->closed) Open();
    v1::KeepAliveRequest message;
    message.mutable_beat()->set_sequence(++beats_);
    protocol_->OnMessage(message);
    executor_.PostAt(clock_.Steady() + health::NodeSession::kBeatInterval, [this] { Beat(); });
  }

  health::SessionTable& sessions_;
  base::Executor& executor_;
  const base::Clock& clock_;
  std::shared_ptr<Stream> stream_;
  std::unique_ptr<health::KeepAliveProtocol> protocol_;
  uint64_t beats_ = 0;
};

}  // namespace rollcall::sim
