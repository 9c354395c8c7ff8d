#include "server/feed/roster.h"

#include <utility>

namespace rollcall::feed {

Roster::~Roster() {
  while (!watchers_.empty()) Drop(watchers_.begin()->first);
}

Watcher& Roster::Add(WatcherId id, std::shared_ptr<WatchStream> stream) {
  Connection& connection = connections_[stream->peer()];
  if (connection.watchers++ == 0) connection.number = next_connection_++;
  ++counters_.watchers;
  // make_unique makes aggregates only where parentheses do, which clang 14 does not know.
  // NOLINTNEXTLINE(modernize-make-unique)
  auto watcher = std::unique_ptr<Watcher>(new Watcher{id, std::move(stream), connection.number});
  return *watchers_.emplace(id, std::move(watcher)).first->second;
}

Watcher* Roster::Find(WatcherId id) const {
  const auto at = watchers_.find(id);
  return at == watchers_.end() ? nullptr : at->second.get();
}

void Roster::Drop(WatcherId id) {
  const auto at = watchers_.find(id);
  if (at == watchers_.end()) return;
  Watcher& watcher = *at->second;
  while (!watcher.subscriptions.empty()) End(*watcher.subscriptions.begin()->second);
  const auto connection = connections_.find(watcher.stream->peer());
  if (--connection->second.watchers == 0) connections_.erase(connection);
  --counters_.watchers;
  counters_.unsent_errors -= watcher.errors.size();
  watchers_.erase(at);
}

Subscription& Roster::Subscribe(std::unique_ptr<Subscription> subscription) {
  Subscription& s = *subscription;
  subscribers_[s.name].insert(&s);
  ++counters_.subscriptions;
  s.watcher.subscriptions.emplace(s.id, std::move(subscription));
  return s;
}

Subscription* Roster::Find(WatcherId watcher, uint32_t id) const {
  const Watcher* w = Find(watcher);
  if (w == nullptr) return nullptr;
  const auto at = w->subscriptions.find(id);
  return at == w->subscriptions.end() ? nullptr : at->second.get();
}

void Roster::End(Subscription& s) {
  const auto at = subscribers_.find(s.name);
  at->second.erase(&s);
  if (at->second.empty()) subscribers_.erase(at);
  --counters_.subscriptions;
  Watcher& watcher = s.watcher;
  const uint32_t id = s.id;
  watcher.turns.erase(s.turn);
  watcher.owing.erase(id);
  watcher.subscriptions.erase(id);
}

void Roster::ForEachSubscriber(const ServiceName& name,
                               absl::FunctionRef<void(Subscription&)> visit) const {
  for (const ServiceName& key : {name, ServiceName{name.ns, ""}, ServiceName{"*", ""}}) {
    const auto at = subscribers_.find(key);
    if (at == subscribers_.end()) continue;
    for (Subscription* s : at->second) visit(*s);
  }
}

}  // namespace rollcall::feed
