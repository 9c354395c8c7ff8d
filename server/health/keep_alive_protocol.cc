#include "server/health/keep_alive_protocol.h"

#include <utility>

namespace rollcall::health {

KeepAliveProtocol::KeepAliveProtocol(SessionTable& table, std::shared_ptr<SessionStream> stream)
    : table_(table), binding_(std::make_shared<StreamBinding>(std::move(stream))) {
  table_.Expect(binding_);
}

void KeepAliveProtocol::OnMessage(const v1::KeepAliveRequest& message) {
  if (state_ == State::kOver) return;
  const bool is_open = message.message_case() == v1::KeepAliveRequest::kOpen;
  if (is_open && state_ == State::kOpened) return Fail("open: this stream is open already");
  if (!is_open && state_ == State::kAwaitsOpen) return Fail("message: the first must be open");
  switch (message.message_case()) {
    case v1::KeepAliveRequest::kOpen:
      return OnOpen(message.open());
    case v1::KeepAliveRequest::kBeat:
      return OnBeat(message.beat());
    case v1::KeepAliveRequest::kLeave:
      return OnLeave(message.leave());
    case v1::KeepAliveRequest::MESSAGE_NOT_SET:
      return Fail("message: one of open, beat and leave must be set");
  }
}

void KeepAliveProtocol::OnEnd(std::string how) {
  if (state_ == State::kOver) return;
  state_ = State::kOver;
  table_.StreamEnded(binding_, std::move(how));
}

void KeepAliveProtocol::OnOpen(const v1::KeepAliveRequest::Open& open) {
  if (open.session_id().empty()) return Fail("open.session_id: must not be empty");
  state_ = State::kOpened;
  table_.Open(binding_, open);
}

void KeepAliveProtocol::OnBeat(const v1::KeepAliveRequest::Beat& beat) {
  if (!table_.Beat(binding_, beat.sequence(), beat.want_ack())) return;
  v1::KeepAliveResponse response;
  response.mutable_ack()->set_sequence(beat.sequence());
  binding_->stream().Send(std::move(response));
}

void KeepAliveProtocol::OnLeave(const v1::KeepAliveRequest::Leave& leave) {
  if (leave.reason() != v1::KeepAliveRequest::REASON_MOVING &&
      leave.reason() != v1::KeepAliveRequest::REASON_STOPPING) {
    return Fail("leave.reason: must be REASON_MOVING or REASON_STOPPING");
  }
  table_.Leave(binding_, leave.reason());
}

void KeepAliveProtocol::Refuse(absl::Status why) {
  if (state_ == State::kOver) return;
  state_ = State::kOver;
  table_.Reject(binding_, std::move(why));
}

void KeepAliveProtocol::Fail(const char* why) { Refuse(absl::InvalidArgumentError(why)); }

}  // namespace rollcall::health
