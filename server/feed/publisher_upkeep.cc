// What time brings: signs of life, cut-offs, closing.
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/feed/publisher.h"
#include "server/model/limits.h"

namespace rollcall::feed {

void Publisher::Tick() {
  ticking_ = !roster_.watchers().empty();
  if (!ticking_) return;
  LookAtWrites(FinishedWrites::Look::kNot);
  const base::Instant now = edges_.clock.Steady();
  // What came meanwhile, acknowledgements and ends of streams, is not read yet.
  if (now - next_tick_ >= kTick) standstills_.Late(next_tick_, now);
  std::vector<std::pair<Watcher*, std::string>> overdue;
  for (const auto& [id, watcher] : roster_.watchers()) {
    if (std::optional<std::string> reason = Overdue(*watcher, now)) {
      overdue.emplace_back(watcher.get(), *std::move(reason));
    } else if (!watcher->writing_since && now - watcher->last_sent + kTick >= kSignOfLife) {
      GiveSignOfLife(*watcher);
    }
  }
  for (const auto& [watcher, reason] : overdue) CutOff(*watcher, reason);
  next_tick_ = now + kTick;
  executor_.PostAt(next_tick_, [this] { Tick(); });
}

// A pass that must speak: an empty caught_up, unless something newer is already published.
void Publisher::GiveSignOfLife(Watcher& watcher) {
  auto at = watcher.subscriptions.upper_bound(watcher.last_sign);
  for (size_t tried = 0; tried < watcher.subscriptions.size(); ++tried, ++at) {
    if (at == watcher.subscriptions.end()) at = watcher.subscriptions.begin();
    Subscription& s = *at->second;
    if (!std::holds_alternative<UpToDate>(s.phase)) continue;
    watcher.last_sign = s.id;
    MakeDue(s, true);
    return Pump(watcher);
  }
}

std::optional<std::string> Publisher::Overdue(const Watcher& watcher, base::Instant now) const {
  const std::string limit = absl::FormatDuration(kWatcherCutOff);
  const auto too_long = [&](base::Instant since) {
    return standstills_.RunSince(since, now) >= kWatcherCutOff;
  };
  if (watcher.writing_since && too_long(*watcher.writing_since)) {
    return absl::StrCat("a message could not be written for ", limit,
                        ", the limit (watcher cut-off): the client does not read");
  }
  for (const uint32_t id : watcher.owing) {
    const Subscription& s = *watcher.subscriptions.at(id);
    const std::optional<base::Instant> since = s.ledger.waiting_since();
    if (!since || !too_long(*since)) continue;
    return absl::StrCat("subscription ", id, " to \"", s.name.ns, "/", s.name.service,
                        "\" announced acknowledgements and has sent none above revision ",
                        s.ledger.acknowledged().value(), " for ", limit,
                        ", the limit (watcher cut-off)");
  }
  return std::nullopt;
}

void Publisher::CutOff(Watcher& watcher, const std::string& reason) {
  ++counters_.cut_off;
  const base::Instant now = edges_.clock.Steady();
  std::string client;
  for (const auto& [_, s] : watcher.subscriptions) {
    if (client.empty()) client = s->client_name;
    if (!s->will_ack) continue;
    cut_offs_.Remember({.client_name = s->client_name,
                        .peer = watcher.stream->peer(),
                        .service = s->name,
                        .sent = s->ledger.sent(),
                        .acknowledged = s->ledger.acknowledged(),
                        .waiting_since = s->ledger.waiting_since().value_or(now)},
                       now);
  }
  if (edges_.on_cut_off) edges_.on_cut_off(client, watcher.stream->peer(), reason);
  Close(watcher.id, absl::ResourceExhaustedError(reason));
}

void Publisher::Close(WatcherId id, const absl::Status& status) {
  Watcher* watcher = roster_.Find(id);
  if (watcher == nullptr) return;
  watcher->stream->Close(status);
  Forget(id);
}

void Publisher::Forget(WatcherId id) {
  Watcher* watcher = roster_.Find(id);
  if (watcher == nullptr) return;
  SetAwaits(*watcher, false);
  for (const auto& [_, s] : watcher->subscriptions) waiting_.erase(s.get());
  roster_.Drop(id);
}

}  // namespace rollcall::feed
