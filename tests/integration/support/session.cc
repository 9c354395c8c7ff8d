#include "tests/integration/support/session.h"

#include <utility>

namespace rollcall::integration {

std::unique_ptr<KeepAliveStream> OpenKeepAlive(RawClient& client) {
  return std::make_unique<KeepAliveStream>([&client](grpc::ClientContext* context) {
    return v1::Registry::NewStub(client.channel())->KeepAlive(context);
  });
}

v1::KeepAliveRequest OpenMessage(const v1::RegisterResponse& registered) {
  v1::KeepAliveRequest message;
  message.mutable_open()->set_session_id(registered.session_id());
  message.mutable_open()->set_session_secret(registered.session_secret());
  message.mutable_open()->set_revision(registered.revision());
  message.mutable_open()->set_store_id(registered.store_id());
  return message;
}

v1::KeepAliveRequest BeatMessage(uint64_t sequence, bool want_ack) {
  v1::KeepAliveRequest message;
  message.mutable_beat()->set_sequence(sequence);
  message.mutable_beat()->set_want_ack(want_ack);
  return message;
}

Session::Session(RawClient& client, const v1::RegisterRequest& request)
    : Session(client, client.Register(request)) {}

Session::Session(RawClient& client, v1::RegisterResponse registered)
    : registered_(std::move(registered)) {
  Reopen(client);
}

void Session::StartReopening(RawClient& client) {
  stream_ = OpenKeepAlive(client);
  stream_->Send(OpenMessage(registered_));
}

void Session::AwaitOpened() {
  opened_ = stream_->Await("opened", [](const auto& m) { return m.has_opened(); }).opened();
}

void Session::Beat() {
  const uint64_t sequence = ++sequence_;
  stream_->Send(BeatMessage(sequence, true));
  stream_->Await("acknowledgement",
                 [&](const auto& m) { return m.has_ack() && m.ack().sequence() == sequence; });
}

v1::Cause AwaitEnded(KeepAliveStream& stream, absl::Duration limit) {
  return stream
      .Await(
          "end of the session", [](const auto& m) { return m.has_ended(); }, limit)
      .ended()
      .cause();
}

}  // namespace rollcall::integration
