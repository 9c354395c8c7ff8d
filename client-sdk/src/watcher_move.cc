// The part of Watcher that takes its stream to another server while the present one still stands.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client-sdk/src/convert.h"
#include "client-sdk/src/watcher.h"

namespace rollcall::sdk {

void Watcher::Spread() {
  if (spread_timer_ || stopped_) return;
  const base::Instant when =
      context_.clock.Steady() + context_.random.Between(absl::ZeroDuration(), kSpreadTime);
  spread_timer_ = context_.executor.PostAt(when, lifeline_.Guard([this] {
    spread_timer_.reset();
    MoveToPreferred();
  }));
}

// Changes wait while the stream is away, so it goes only when nothing else is under way.
void Watcher::MoveToPreferred() {
  if (stream_ == nullptr || server_ == context_.servers.preferred()) return;
  for (const auto& [cell, subscription] : subscriptions_) {
    if (subscription->wire_id != 0 && !subscription->current) return Spread();
  }
  DropStream();
  OpenStream();
}

void Watcher::NoteAge(absl::Duration age) {
  if (age <= ViewBuilder::kTrustedAge) {
    fruitless_ = 0;
    look_backoff_.Reset();
    return StopLooking();
  }
  if (!std::exchange(looking_, true)) LookElsewhereLater();
}

void Watcher::LookElsewhereLater() {
  // Not all clients of a server at once.
  const base::Instant from = std::max(context_.clock.Steady(), opened_at_ + kLeastStay);
  context_.executor.PostAt(from + look_backoff_.Next(context_.random),
                           looking_lifeline_.Guard([this] { LookElsewhere(); }));
}

// By a read, so that the stream is given up only for a server that is known to be better: when the
// store is away from all of them, clients stay where they are.
void Watcher::LookElsewhere() {
  const std::string other = context_.servers.AnotherThan(server_);
  if (other.empty() || on_stream_.empty()) return LookElsewhereLater();
  const Subscription& any = *on_stream_.begin()->second;
  v1::ResolveRequest request;
  request.set_namespace_(context_.name_space);
  request.set_service(any.service);
  request.set_selector(any.selector);
  context_.transport.Resolve(
      other, std::move(request), context_.rpc_timeout,
      looking_lifeline_.Guard([this, other](const absl::StatusOr<v1::ResolveResponse>& response) {
        OnFoundElsewhere(other, response);
      }));
}

void Watcher::OnFoundElsewhere(const std::string& server,
                               const absl::StatusOr<v1::ResolveResponse>& response) {
  if (VerdictOf(response.status()) == Verdict::kServerFailed) context_.servers.Failed(server);
  if (!response.ok() || !response->store_reachable()) return LookElsewhereLater();
  context_.log.Info(absl::StrCat("the registry at ", server_, " is behind its store; watching at ",
                                 server, " instead"));
  context_.servers.Worked(server);
  context_.servers.Prefer(server);
  DropStream();
  OpenStream();
}

void Watcher::StopLooking() {
  looking_ = false;
  looking_lifeline_.Cut();
}

}  // namespace rollcall::sdk
