#include "client-sdk/src/session_link.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/convert.h"

namespace rollcall::sdk {
namespace {

constexpr absl::Duration kShortestBeat = absl::Milliseconds(100);
constexpr double kBeatJitter = 0.1;
constexpr absl::Duration kLeastOpening = absl::Seconds(1);

}  // namespace

SessionLink::SessionLink(CoreContext& context, std::string server, v1::KeepAliveRequest::Open open,
                         absl::Duration ttl, Events& events)
    : context_(context),
      server_(std::move(server)),
      began_(context.clock.Steady()),
      ttl_(ttl),
      beat_interval_(ttl / 3),
      events_(events),
      last_heard_(began_) {
  stream_ = context_.transport.KeepAlive(
      server_,
      {.on_message = lifeline_.Guard([this](const v1::KeepAliveResponse& m) { OnMessage(m); }),
       .on_end = lifeline_.Guard([this](absl::Status status) { OnEnd(std::move(status)); })});
  v1::KeepAliveRequest request;
  *request.mutable_open() = std::move(open);
  stream_->Send(std::move(request));
  ArmSilence();
}

SessionLink::~SessionLink() {
  if (beat_timer_) context_.executor.Cancel(*beat_timer_);
  if (silence_timer_) context_.executor.Cancel(*silence_timer_);
}

void SessionLink::Leave(v1::KeepAliveRequest::Reason reason) {
  v1::KeepAliveRequest request;
  request.mutable_leave()->set_reason(reason);
  if (stream_ != nullptr) stream_->Send(std::move(request));
}

void SessionLink::Finish() {
  if (stream_ != nullptr) stream_->Finish();
  stream_ = nullptr;
}

void SessionLink::OnMessage(const v1::KeepAliveResponse& message) {
  last_heard_ = context_.clock.Steady();
  if (message.has_opened()) {
    opened_at_ = last_heard_;
    if (message.opened().has_ttl()) ttl_ = DurationFromProto(message.opened().ttl());
    beat_interval_ = ttl_ / 3;
    if (message.opened().has_beat_interval()) {
      beat_interval_ = DurationFromProto(message.opened().beat_interval());
    }
  } else if (message.has_interval()) {
    beat_interval_ = DurationFromProto(message.interval().beat_interval());
  }
  beat_interval_ = std::max(beat_interval_, kShortestBeat);
  if (message.has_opened() || message.has_interval()) ScheduleBeat();
  events_.OnMessage(*this, message);
}

void SessionLink::OnEnd(absl::Status status) {
  if (status.ok()) status = absl::UnavailableError("the registry closed the session's stream");
  Break(std::move(status));
}

void SessionLink::Break(absl::Status why) {
  if (broken_) return;
  broken_ = true;
  stream_ = nullptr;
  events_.OnBroken(*this, std::move(why));
}

void SessionLink::ScheduleBeat() {
  if (beat_timer_) context_.executor.Cancel(*beat_timer_);
  const absl::Duration wait =
      context_.random.Between(beat_interval_ * (1 - kBeatJitter), beat_interval_);
  beat_timer_ =
      context_.executor.PostAt(context_.clock.Steady() + wait, lifeline_.Guard([this] { Beat(); }));
}

void SessionLink::Beat() {
  beat_timer_.reset();
  if (stream_ == nullptr) return;
  v1::KeepAliveRequest request;
  request.mutable_beat()->set_sequence(++sequence_);
  request.mutable_beat()->set_want_ack(context_.clock.Steady() - last_heard_ >= ttl_ / 2);
  stream_->Send(std::move(request));
  ScheduleBeat();
}

absl::Duration SessionLink::Patience() const {
  return opened() ? ttl_ : std::min(context_.rpc_timeout, std::max(ttl_ / 3, kLeastOpening));
}

absl::Duration SessionLink::Worry() const { return opened() ? ttl_ * kWorry : Patience(); }

void SessionLink::ArmSilence() {
  const absl::Duration wait = worried_ ? Patience() : Worry();
  silence_timer_ =
      context_.executor.PostAt(last_heard_ + wait, lifeline_.Guard([this] { CheckSilence(); }));
}

void SessionLink::CheckSilence() {
  silence_timer_.reset();
  if (broken_) return;
  const absl::Duration silent = context_.clock.Steady() - last_heard_;
  if (silent < Worry()) worried_ = false;
  if (silent >= Worry() && silent < Patience() && !std::exchange(worried_, true)) {
    events_.OnSilent(*this);
  }
  if (silent < Patience()) return ArmSilence();
  Break(absl::DeadlineExceededError(
      absl::StrCat("nothing heard from ", server_, " for ", absl::FormatDuration(silent))));
}

}  // namespace rollcall::sdk
