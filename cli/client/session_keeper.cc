#include "cli/client/session_keeper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/print/exit_code.h"
#include "cli/print/times.h"
#include "cli/print/words.h"
#include "client-sdk/base/status_macros.h"

namespace rollcall::cli {
namespace {

constexpr absl::Duration kShortestBeat = absl::Milliseconds(100);

}  // namespace

SessionKeeper::SessionKeeper(Parts parts, v1::RegisterRequest request, Say say)
    : parts_(parts),
      request_(std::move(request)),
      say_(std::move(say)),
      reconnects_(parts.clock, parts.random) {
  NewSession();
}

void SessionKeeper::NewSession() {
  request_.set_session_id(parts_.random.Hex128());
  request_.set_session_secret(parts_.random.Hex128());
  request_.set_open(true);
}

v1::InstanceKey SessionKeeper::Key() const { return KeyOf(request_.instances(0)); }

absl::StatusOr<v1::RegisterResponse> SessionKeeper::Register() {
  ASSIGN_OR_RETURN(v1::RegisterResponse response,
                   parts_.registry.Call(&v1::Registry::Stub::Register, request_));
  ttl_ = ToSpan(response.ttl());
  interval_ = ttl_ / 3;
  reconnects_.Bound(ttl_ / 5);  // Some tries within the TTL.
  lease_epoch_ = response.lease_epochs_size() > 0 ? response.lease_epochs(0) : 0;
  revision_ = response.revision();
  store_id_ = response.store_id();
  return response;
}

absl::Status SessionKeeper::Keep() {
  const Interrupt::Listener listener(parts_.interrupt, [] {});
  while (true) {
    const Outcome outcome = RunStream();
    if (outcome == Outcome::kInterrupted) return Deregister();
    if (outcome == Outcome::kOver) return verdict_;
    if (outcome == Outcome::kLost) {
      const absl::Status recovered = Recover();
      // An unreachable registry may come back; any other refusal would only be repeated.
      if (!recovered.ok() && ExitCodeOf(recovered) != ExitCode::kUnreachable) return recovered;
    }
    if (parts_.interrupt.WaitFor(reconnects_.Wait())) return Deregister();
  }
}

SessionKeeper::Outcome SessionKeeper::RunStream() {
  auto channel = parts_.registry.Connect();
  if (!channel.ok()) {
    return parts_.interrupt.requested() ? Outcome::kInterrupted : Outcome::kBroken;
  }
  Stream stream(*channel, &v1::Registry::Stub::KeepAlive, parts_.interrupt, parts_.clock);
  v1::KeepAliveRequest hello;
  hello.mutable_open()->set_session_id(request_.session_id());
  hello.mutable_open()->set_session_secret(request_.session_secret());
  hello.mutable_open()->set_revision(revision_);
  hello.mutable_open()->set_store_id(store_id_);
  stream.Write(hello);
  next_beat_ = last_heard_ = parts_.clock.Steady();
  move_at_.reset();
  const Outcome outcome = Exchange(stream);
  if (outcome == Outcome::kBroken || outcome == Outcome::kMoved) parts_.registry.MoveOn();
  if (outcome == Outcome::kBroken) {
    if (!away_) say_("the connection to the registry broke; reconnecting");
    away_ = true;
  }
  return outcome;
}

SessionKeeper::Outcome SessionKeeper::Exchange(Stream& stream) {
  // The registry acknowledges at least once per TTL; a longer silence is a dead connection.
  const absl::Duration longest_silence = std::max(ttl_ * 3 / 2, absl::Seconds(3));
  while (!parts_.interrupt.requested()) {
    const base::Instant now = parts_.clock.Steady();
    if (now - last_heard_ > longest_silence) return Outcome::kBroken;
    if (move_at_ && now >= *move_at_) return Move(stream);
    // A failed write shows itself as the end of the stream, below.
    if (now >= next_beat_) Beat(stream);
    const base::Instant next = std::min(next_beat_, move_at_.value_or(next_beat_));
    const auto message = stream.Read(next - parts_.clock.Steady());
    if (message.has_value()) {
      if (const auto outcome = Handle(*message)) return *outcome;
    } else if (stream.ended().has_value()) {
      return Outcome::kBroken;
    }
  }
  return Outcome::kInterrupted;
}

void SessionKeeper::Beat(Stream& stream) {
  v1::KeepAliveRequest beat;
  beat.mutable_beat()->set_sequence(++sequence_);
  beat.mutable_beat()->set_want_ack(sequence_ % 2 == 1);
  // Early by up to a tenth, so that many clients do not beat together.
  next_beat_ = parts_.clock.Steady() +
               parts_.random.Between(interval_ * 0.9, std::max(interval_, kShortestBeat));
  stream.Write(beat);
}

template <typename Servers>
void SessionKeeper::Learn(const Servers& servers) {
  parts_.registry.Learn({servers.begin(), servers.end()}, parts_.random);
}

void SessionKeeper::SentElsewhere(const v1::KeepAliveResponse::MoveTo& move) {
  Learn(move.servers());
  if (move_at_) return;
  move_at_ =
      parts_.clock.Steady() + parts_.random.Between(absl::ZeroDuration(), ToSpan(move.after()));
}

SessionKeeper::Outcome SessionKeeper::Move(Stream& stream) {
  v1::KeepAliveRequest leave;
  leave.mutable_leave()->set_reason(v1::KeepAliveRequest::REASON_MOVING);
  stream.Write(leave);
  stream.WritesDone();
  return Outcome::kMoved;
}

std::optional<SessionKeeper::Outcome> SessionKeeper::Handle(const v1::KeepAliveResponse& message) {
  last_heard_ = parts_.clock.Steady();
  if (message.revision() > 0) {
    revision_ = message.revision();
    store_id_ = message.store_id();
  }
  switch (message.message_case()) {
    case v1::KeepAliveResponse::kOpened:
      return Opened(message.opened());
    case v1::KeepAliveResponse::kHeld:
      return CheckHeld(message.held().instances());
    case v1::KeepAliveResponse::kInterval:
      interval_ = std::max(ToSpan(message.interval().beat_interval()), kShortestBeat);
      return std::nullopt;
    case v1::KeepAliveResponse::kSuperseded:
      if (message.superseded().lease_epoch() <= lease_epoch_) return std::nullopt;
      verdict_ = absl::FailedPreconditionError(
          absl::StrCat(KeyText(Key()),
                       " was superseded: a newer process registered the same id; this one stays "
                       "quiet"));
      return Outcome::kOver;
    case v1::KeepAliveResponse::kEnded:
      say_(absl::StrCat("the session ended: ", CausePhrase(message.ended().cause())));
      return Outcome::kLost;
    case v1::KeepAliveResponse::kMoveTo:
      SentElsewhere(message.move_to());
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<SessionKeeper::Outcome> SessionKeeper::Opened(
    const v1::KeepAliveResponse::Opened& opened) {
  reconnects_.Served();
  Learn(opened.servers());
  interval_ = std::max(ToSpan(opened.beat_interval()), kShortestBeat);
  const auto outcome = CheckHeld(opened.instances());
  if (away_ && !outcome.has_value()) {
    say_(absl::StrCat("connected again; the session of ", KeyText(Key()), " goes on"));
    away_ = false;
  }
  return outcome;
}

template <typename HeldInstances>
std::optional<SessionKeeper::Outcome> SessionKeeper::CheckHeld(const HeldInstances& held) {
  const v1::InstanceKey key = Key();
  const bool mine = std::any_of(held.begin(), held.end(), [&](const v1::HeldInstance& h) {
    return h.key().service() == key.service() && h.key().id() == key.id();
  });
  if (mine) return std::nullopt;
  return Outcome::kLost;
}

absl::Status SessionKeeper::Recover() {
  RETURN_IF_ERROR(WhyGone());
  // An ended session is remembered and refused, so a new one is opened.
  NewSession();
  ASSIGN_OR_RETURN(const v1::RegisterResponse response, Register());
  away_ = false;
  say_(absl::StrCat("registered ", KeyText(Key()), " again at revision ", response.revision()));
  return absl::OkStatus();
}

absl::Status SessionKeeper::WhyGone() {
  v1::ExplainRequest request;
  *request.mutable_key() = Key();
  const auto story = parts_.registry.Call(&v1::Operations::Stub::Explain, request);
  if (absl::IsNotFound(story.status())) return absl::OkStatus();
  if (!story.ok()) return story.status();
  if (story->has_instance()) {
    if (story->instance().lease_epoch() <= lease_epoch_) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(KeyText(Key()),
                     " was superseded: a newer process registered the same id; this one stays "
                     "quiet"));
  }
  const int n = story->changes_size();
  if (n == 0 || story->changes(n - 1).cause() != v1::CAUSE_REMOVED) return absl::OkStatus();
  const v1::Change& last = story->changes(n - 1);
  return absl::FailedPreconditionError(
      absl::StrCat(KeyText(Key()), " was ", WhyText(last.cause(), last.evidence(), last.actor()),
                   "; run register again if it should come back"));
}

absl::Status SessionKeeper::Deregister() {
  v1::DeregisterRequest request;
  request.set_session_id(request_.session_id());
  request.set_session_secret(request_.session_secret());
  const auto response = parts_.registry.Call(&v1::Registry::Stub::Deregister, request);
  if (response.ok()) return absl::OkStatus();
  return absl::Status(
      response.status().code(),
      absl::StrCat("could not deregister ", KeyText(Key()), " (", response.status().message(),
                   "); it expires within ", SpanText(ttl_), " while a registry runs"));
}

}  // namespace rollcall::cli
