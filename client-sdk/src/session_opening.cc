// The part of Session that finds a server for its stream: the one it had, or another.
//
// Openings overlap, so that servers that do not answer cost little of the TTL. The longer nobody
// takes the session for good, the later: a registry that is slow would otherwise move its home to
// and fro, and be the slower for it.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/session.h"

namespace rollcall::sdk {
namespace {

// In one round: those who wait for a registry that is away are no burden to it.
constexpr size_t kMostTries = 3;
constexpr absl::Duration kLeastOverlap = absl::Milliseconds(300);
constexpr absl::Duration kMostFirstOverlap = absl::Seconds(1);
// A round is to be over well before the TTL is.
constexpr int kMostOverlapDoublings = 1;
// A server that refuses at once has asked nobody to move the session.
constexpr absl::Duration kAtOnce = absl::Seconds(1);

}  // namespace

std::vector<std::string> Session::Servers(const std::string& first) {
  std::vector<std::string> servers = {first.empty() ? context_.servers.preferred() : first};
  for (std::string& other : context_.servers.OthersThan(servers[0])) {
    servers.push_back(std::move(other));
  }
  return servers;
}

void Session::BeginRound(std::vector<std::string> servers) {
  EndRound();
  servers.resize(std::min(servers.size(), kMostTries));
  untried_.assign(servers.begin(), servers.end());
  round_began_ = context_.clock.Steady();
  TryNext();
}

void Session::EndRound() {
  tries_.clear();
  untried_.clear();
  if (overlap_timer_) context_.executor.Cancel(*overlap_timer_);
  overlap_timer_.reset();
}

void Session::TryNext() {
  if (overlap_timer_) context_.executor.Cancel(*overlap_timer_);
  overlap_timer_.reset();
  if (link_ != nullptr && move_ == Move::kNone) untried_.clear();  // It can stay.
  if (untried_.empty()) {
    if (!tries_.empty()) return;
    return link_ != nullptr ? OnMoveFailed() : EnsureLinkLater();
  }
  tries_.push_back(MakeLink(untried_.front()));
  untried_.pop_front();
  overlap_timer_ =
      context_.executor.PostAt(context_.clock.Steady() + Overlap(), lifeline_.Guard([this] {
        if (!untried_.empty()) ++overlaps_;
        TryNext();
      }));
}

absl::Duration Session::Overlap() const {
  return std::clamp(ttl_ / 10, kLeastOverlap, kMostFirstOverlap) *
         (1 << std::min(overlaps_, kMostOverlapDoublings));
}

void Session::OnTryBroken(SessionLink& link, const absl::Status& why) {
  const auto at = std::find_if(tries_.begin(), tries_.end(),
                               [&](const auto& each) { return each.get() == &link; });
  // What is said of it outlives it.
  const std::unique_ptr<SessionLink> ended = std::move(*at);
  tries_.erase(at);
  if (why.code() != absl::StatusCode::kAborted) context_.servers.Failed(ended->server());
  astray_ = astray_ || context_.clock.Steady() - ended->began() >= kAtOnce;
  context_.log.Info(
      absl::StrCat("no session stream at ", ended->server(), ": ", std::string(why.message())));
  if (link_ == nullptr) ReportAway(why);
  TryNext();
}

void Session::OnTryOpened(SessionLink& link) {
  const auto at = std::find_if(tries_.begin(), tries_.end(),
                               [&](const auto& each) { return each.get() == &link; });
  std::unique_ptr<SessionLink> opened = std::move(*at);
  tries_.erase(at);
  for (const auto& slower : tries_) context_.servers.Failed(slower->server());
  EndRound();
  if (link_ != nullptr) {
    link_->Leave(v1::KeepAliveRequest::REASON_MOVING);
    link_->Finish();
  }
  link_ = std::move(opened);
  context_.log.Info(absl::StrCat("the session's stream is at ", link_->server()));
  astray_ = false;
  StopMoving();
  if (std::exchange(spread_, false) && context_.servers.preferred() != link_->server()) {
    return Spread();
  }
  context_.servers.Prefer(link_->server());
}

}  // namespace rollcall::sdk
