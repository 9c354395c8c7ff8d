// The part of Watcher that keeps its stream.
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/convert.h"
#include "client-sdk/src/watcher.h"

namespace rollcall::sdk {
namespace {

// The registry says something at least every 5 s.
constexpr absl::Duration kMostSilence = absl::Seconds(15);
// What a node may wait before its first answer (for a revision it has not applied yet).
constexpr absl::Duration kFirstAnswer = absl::Seconds(2);
constexpr absl::Duration kStableWatch = absl::Seconds(1);

}  // namespace

void Watcher::Send(v1::WatchRequest request) {
  if (stream_ != nullptr) stream_->Send(std::move(request));
}

void Watcher::OpenStream() {
  if (stream_ != nullptr || open_timer_ || stopped_ || subscriptions_.empty()) return;
  server_ = context_.servers.preferred();
  opened_at_ = context_.clock.Steady();
  last_heard_.reset();
  stream_lifeline_.Cut();
  stream_ = context_.transport.Watch(
      server_,
      {.on_message = stream_lifeline_.Guard([this](const v1::WatchResponse& m) { OnMessage(m); }),
       .on_end =
           stream_lifeline_.Guard([this](absl::Status status) { OnEnd(std::move(status)); })});
  for (auto& [cell, subscription] : subscriptions_) Subscribe(*subscription);
  ArmSilence();
}

void Watcher::OpenStreamLater() {
  const base::Instant when = context_.clock.Steady() + backoff_.Next(context_.random);
  open_timer_ = context_.executor.PostAt(when, lifeline_.Guard([this] {
    open_timer_.reset();
    OpenStream();
  }));
}

void Watcher::OnMessage(const v1::WatchResponse& message) {
  last_heard_ = context_.clock.Steady();
  told_of_break_ = false;
  context_.servers.Worked(server_);
  if (message.servers_size() > 0) {
    context_.servers.Learn({message.servers().begin(), message.servers().end()});
  }
  if (!message.has_error()) NoteAge(DurationFromProto(message.age()));
  const auto at = on_stream_.find(message.id());
  if (at == on_stream_.end()) return;  // Dropped meanwhile.
  if (message.has_error()) return OnError(*at->second, message.error());
  OnUpdate(*at->second, message);
  ConfirmAll(*last_heard_ - DurationFromProto(message.age()));
}

void Watcher::OnEnd(absl::Status status) {
  if (status.ok()) status = absl::UnavailableError("the registry closed the watch stream");
  Break(std::move(status));
}

void Watcher::DropStream() {
  stream_lifeline_.Cut();
  StopLooking();
  stream_ = nullptr;
  if (silence_timer_) context_.executor.Cancel(*silence_timer_);
  silence_timer_.reset();
  on_stream_.clear();
  for (auto& [cell, subscription] : subscriptions_) {
    subscription->wire_id = 0;
    subscription->current = false;
    subscription->builder.StreamBroke();
  }
}

void Watcher::Break(absl::Status why) {
  DropStream();
  context_.servers.Failed(server_);
  if (!last_heard_) ++fruitless_;
  if (!std::exchange(told_of_break_, true)) {
    context_.log.Warning(absl::StrCat("lost touch with the registry at ", server_, " (",
                                      std::string(why.message()),
                                      "); working from the last good views"));
  }
  if (last_heard_ && *last_heard_ - opened_at_ >= kStableWatch) {
    backoff_.Reset();
    return OpenStream();
  }
  OpenStreamLater();
}

absl::Duration Watcher::Patience() const {
  return last_heard_ ? kMostSilence : context_.rpc_timeout + kFirstAnswer;
}

void Watcher::ArmSilence() {
  silence_timer_ = context_.executor.PostAt(last_heard_.value_or(opened_at_) + Patience(),
                                            stream_lifeline_.Guard([this] { CheckSilence(); }));
}

void Watcher::CheckSilence() {
  silence_timer_.reset();
  const absl::Duration silent = context_.clock.Steady() - last_heard_.value_or(opened_at_);
  if (silent < Patience()) return ArmSilence();
  Break(absl::DeadlineExceededError(
      absl::StrCat("nothing heard for ", absl::FormatDuration(silent))));
}

}  // namespace rollcall::sdk
