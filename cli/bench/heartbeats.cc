#include "cli/bench/heartbeats.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/print/words.h"

namespace rollcall::cli {

void Heartbeats::Open(uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) beaters_.push_back(std::make_unique<Beater>(queue_));
  for (uint64_t i = 0; i < count; ++i) {
    sessions_.Open(kService, absl::StrCat("s", i),
                   [this, i](const absl::Status& status, const v1::RegisterResponse& session) {
                     trouble_.Update(status);
                     if (!status.ok()) return;
                     OpenStream(*beaters_[i], channels_[i % channels_.size()], session);
                   });
  }
}

void Heartbeats::OpenStream(Beater& beater, const Channel& channel,
                            const v1::RegisterResponse& session) {
  beater.stream.on_message = [this, &beater](const auto& message) { Take(beater, message); };
  beater.stream.on_end = [this, &beater](const absl::Status& status) { End(beater, status); };
  v1::KeepAliveRequest first;
  v1::KeepAliveRequest::Open& open = *first.mutable_open();
  open.set_session_id(session.session_id());
  open.set_session_secret(session.session_secret());
  open.set_revision(session.revision());
  open.set_store_id(session.store_id());
  beater.stream.Start(channel, &v1::Registry::Stub::AsyncKeepAlive, first);
}

void Heartbeats::Beat(base::Instant intended) {
  Beater& beater = *beaters_[turn_++ % beaters_.size()];
  if (!beater.ended.empty()) return tally_.Failed(beater.ended);
  beater.waiting.push_back({++beater.sequence, intended});
  v1::KeepAliveRequest beat;
  beat.mutable_beat()->set_sequence(beater.sequence);
  beat.mutable_beat()->set_want_ack(true);
  beater.stream.Send(beat);
}

void Heartbeats::Take(Beater& beater, const v1::KeepAliveResponse& message) {
  if (message.has_opened()) ++opened_;
  if (message.has_ack()) Acknowledge(beater, message.ack().sequence());
  if (message.has_ended()) {
    beater.ended = absl::StrCat("session ended: ", CausePhrase(message.ended().cause()));
  }
}

void Heartbeats::Acknowledge(Beater& beater, uint64_t sequence) {
  const base::Instant now = queue_.now();
  while (!beater.waiting.empty() && beater.waiting.front().sequence <= sequence) {
    tally_.Took(now - beater.waiting.front().intended);
    beater.waiting.pop_front();
  }
}

void Heartbeats::End(Beater& beater, const absl::Status& status) {
  if (beater.ended.empty()) beater.ended = absl::StatusCodeToString(status.code());
  trouble_.Update(status.ok() ? absl::UnavailableError(beater.ended) : status);
  Fail(beater, beater.ended);
}

void Heartbeats::Fail(Beater& beater, absl::string_view why) {
  for (; !beater.waiting.empty(); beater.waiting.pop_front()) tally_.Failed(why);
}

uint64_t Heartbeats::unanswered() const {
  uint64_t sum = 0;
  for (const auto& beater : beaters_) sum += beater->waiting.size();
  return sum;
}

void Heartbeats::GiveUp(absl::string_view why) {
  for (const auto& beater : beaters_) Fail(*beater, why);
}

void Heartbeats::Cancel() {
  for (const auto& beater : beaters_) beater->stream.Cancel();
}

bool Heartbeats::over() const {
  return std::all_of(beaters_.begin(), beaters_.end(),
                     [](const auto& beater) { return beater->stream.over(); });
}

}  // namespace rollcall::cli
